import { fieldOf } from "./fields";
import { scan } from "./scan";

const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

/** A value as a query has it: in quotes where a letter would mean something else. */
export const literal = (value: string): string => (/^[^\s"()\\*:<>[\]{}=-][^\s"()\\*]*$/.test(value) ? value : quoted(value));

/** The name of an attribute as a query has it: in quotes where a field has the same. */
export const attributeName = (name: string): string =>
  fieldOf(name) === null && /^[^\s"()\\*:<>=-][^\s"()\\*:<>=]*$/.test(name) ? name : quoted(name);

/** The condition that an attribute has a value. */
export const attributeIs = (name: string, value: string): string => `${attributeName(name)}:${literal(value)}`;

/** The condition that a field has a value. */
export const fieldIs = (field: string, value: string): string => `${field}:${literal(value)}`;

/** A query that wants one thing more. */
export function withCondition(query: string, condition: string): string {
  const now = query.trim();
  if (now === "") return condition;
  const terms = scan(now);
  if (terms.some((term) => now.slice(term.from, term.to) === condition && !term.negated)) return now;
  // OR binds less than what stands side by side.
  return terms.some((term) => term.operator && term.value === "OR" && term.depth === 0) ? `(${now}) ${condition}` : `${now} ${condition}`;
}
