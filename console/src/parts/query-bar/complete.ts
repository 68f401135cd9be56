import { type Field, fieldOf, fieldsOf, type Signal, VALUES } from "./fields";
import { scan, type Term } from "./scan";
import { attributeName, literal } from "./write";

/** What can be said: services, and attributes with some of their values, as far as a page has seen them. */
export interface Vocabulary {
  services: string[];
  attributes: Record<string, string[]>;
}

export interface Option {
  kind: "field" | "attribute" | "value" | "operator";
  /** What a person reads. */
  label: string;
  /** What is put in. */
  insert: string;
  /** The field that it is or belongs to. */
  field?: Field;
}

export interface Completion {
  /** The part of the query that an option replaces. */
  from: number;
  to: number;
  options: Option[];
}

const MOST = 10;
const OPERATORS = ["AND", "OR", "NOT"];

/** What may be meant at the cursor. */
export function complete(query: string, cursor: number, signal: Signal, words: Vocabulary): Completion {
  const terms = scan(query);
  const term = terms.find((one) => one.from <= cursor && cursor <= one.to);
  const inside = term ?? openGroup(query, cursor);
  if (inside && inside.field !== null && cursor >= inside.valueFrom) return values(inside, cursor, words);
  const from = term?.from ?? cursor;
  const written = query.slice(from, cursor);
  const options = [...names(written, signal, words), ...operators(query, from, written)];
  return { from, to: term && term.field === null ? term.to : cursor, options: options.slice(0, MOST) };
}

/** Behind `service:(`, or `service:(a OR `, there is no term yet, but the field is known: a letter put there tells it. */
function openGroup(query: string, cursor: number): Term | undefined {
  const term = scan(`${query.slice(0, cursor)}x`).at(-1);
  return term && term.field !== null ? { ...term, to: cursor, value: "" } : undefined;
}

function values(term: Term, cursor: number, words: Vocabulary): Completion {
  const written = term.value.slice(0, cursor - term.valueFrom);
  const field = term.attribute ? null : fieldOf(term.field ?? "");
  const known = field === "service" ? words.services : field ? VALUES[field] : words.attributes[term.field ?? ""];
  const options = (known ?? [])
    .filter((value) => starts(value, written.replace(/^"/, "")) || (field === null && holds(value, written)))
    // A comparison is part of the language and stays as it is.
    .map((value): Option => ({ kind: "value", label: value, insert: field && VALUES[field] ? value : literal(value), ...(field ? { field } : {}) }))
    .filter(({ insert }) => insert !== term.value);
  return { from: term.valueFrom, to: term.to, options: options.slice(0, MOST) };
}

function names(written: string, signal: Signal, words: Vocabulary): Option[] {
  const bare = written.replace(/^"/, "");
  const fields = fieldsOf(signal)
    .filter((field) => starts(field, bare))
    .map((field): Option => ({ kind: "field", label: `${field}:`, insert: `${field}:`, field }));
  // Attributes are many: they are offered once something is written.
  const attributes = bare
    ? Object.keys(words.attributes)
        .filter((name) => holds(name, bare))
        .sort((a, b) => Number(starts(b, bare)) - Number(starts(a, bare)) || a.localeCompare(b))
        .map((name): Option => ({ kind: "attribute", label: `${name}:`, insert: `${attributeName(name)}:` }))
    : [];
  return [...fields, ...attributes];
}

function operators(query: string, from: number, written: string): Option[] {
  const first = query.slice(0, from).trim() === "";
  return OPERATORS.filter((word) => (written ? starts(word, written) && word !== written : true))
    .filter((word) => !first || (word === "NOT" && written !== ""))
    .map((word) => ({ kind: "operator", label: word, insert: `${word} ` }));
}

const starts = (text: string, by: string): boolean => text.toLowerCase().startsWith(by.toLowerCase());
const holds = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase());

/** The query with an option in it, and where the cursor is then. */
export function accept(query: string, { from, to }: Completion, { kind, insert }: Option): { query: string; cursor: number } {
  const rest = query.slice(to);
  // Behind a value the next term begins.
  const space = kind === "value" && !/^[\s)]/.test(rest) ? " " : "";
  return { query: query.slice(0, from) + insert + space + rest, cursor: from + insert.length + space.length };
}
