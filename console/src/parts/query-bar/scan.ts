// Where in a query its terms lie. It understands just enough of the language (docs/queries.md) to complete and to mark
// words; whether a query is right, and what it finds, only the server says.

/** A word or a condition of a query. */
export interface Term {
  from: number;
  to: number;
  /** The field before the colon, without quotes; null for a word that is looked for. */
  field: string | null;
  /** Is its name in quotes, so that it is an attribute even where a field has that name? */
  attribute: boolean;
  /** Where the value begins: behind the colon, or with the term where it has none. */
  valueFrom: number;
  /** The value as it is written. */
  value: string;
  /** Is what it finds left out? */
  negated: boolean;
  /** Is it AND, OR or NOT? */
  operator: boolean;
  /** How many brackets are around it. */
  depth: number;
}

const OPERATORS = new Set(["AND", "OR", "NOT"]);

type Group = Pick<Term, "field" | "attribute" | "negated">;
const OUTSIDE: Group = { field: null, attribute: false, negated: false };

/** The terms of a query, in order. What is in brackets behind a field has that field. */
export function scan(query: string): Term[] {
  const terms: Term[] = [];
  const groups: Group[] = [];
  let at = 0;
  let not = false;
  while (at < query.length) {
    const around = groups.at(-1) ?? OUTSIDE;
    const letter = query[at] ?? "";
    if (/\s/.test(letter)) at += 1;
    else if (letter === ")") {
      groups.pop();
      at += 1;
    } else if (letter === "(") {
      groups.push({ ...around, negated: around.negated !== not });
      not = false;
      at += 1;
    } else if (letter === "-" && at + 1 < query.length && !/[\s)]/.test(query[at + 1] ?? "")) {
      not = !not;
      at += 1;
    } else {
      const term = termAt(query, at, around, not, groups.length);
      not = term.operator && term.value === "NOT" ? !not : false;
      at = term.to;
      // `service:(a OR b)`: what follows in brackets are values.
      if (term.field !== null && term.value === "" && query[at] === "(") {
        groups.push(term);
        at += 1;
      } else terms.push(term);
    }
  }
  return terms;
}

function termAt(query: string, from: number, around: Group, not: boolean, depth: number): Term {
  const negated = around.negated !== not;
  let to = from;
  let colon = -1;
  while (to < query.length) {
    const letter = query[to] ?? "";
    if (letter === "\\") to += 2;
    else if (letter === '"') to = afterQuote(query, to);
    else if (colon >= 0 && to === colon + 1 && /[[{]/.test(letter)) to = afterRange(query, to);
    else if (/[\s()]/.test(letter)) break;
    else {
      if (letter === ":" && colon < 0 && to > from && isField(query, to)) colon = to;
      to += 1;
    }
  }
  to = Math.min(to, query.length);
  const text = query.slice(from, to);
  if (colon >= 0 && around.field === null) {
    const field = unquoted(query.slice(from, colon));
    const attribute = query[from] === '"';
    return { from, to, field, attribute, valueFrom: colon + 1, value: query.slice(colon + 1, to), negated, operator: false, depth };
  }
  const operator = OPERATORS.has(text);
  const { field, attribute } = operator ? OUTSIDE : around;
  return { from, to, field, attribute, valueFrom: from, value: text, negated, operator, depth };
}

/** `http://payment`, `std::io` and `12:30` are words. */
const isField = (query: string, colon: number): boolean =>
  !/^:(\/\/|:)/.test(query.slice(colon)) && query[colon - 1] !== ":" && !/(^|[\s(])[\d:]+$/.test(query.slice(0, colon));

function afterQuote(query: string, open: number): number {
  let at = open + 1;
  while (at < query.length && query[at] !== '"') at += query[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, query.length);
}

function afterRange(query: string, open: number): number {
  const end = query.slice(open).search(/[\]}]/);
  return end < 0 ? query.length : open + end + 1;
}

/** What is meant by a text in quotes, or with backslashes. */
export const unquoted = (text: string): string => text.replace(/^"/, "").replace(/"$/, "").replace(/\\(.)/g, "$1");
