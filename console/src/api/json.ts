// JSON as it was written. `JSON.parse` makes 12345678901234567000 of 12345678901234567890 and 1 of 1.0; the server keeps the
// payloads of sagas byte for byte, so what a person reads and sends back here must not lose anything on the way.

/** A number that a double would not give back as it was written. */
export class Exact {
  constructor(readonly text: string) {}
}

/** Lists and objects in one another. Deeper ones are refused: the reader calls itself. The server takes one less. */
export const DEPTH_MAX = 128;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS = [["true", true], ["false", false], ["null", null]] as const;

/** A value from JSON text, as `JSON.parse` reads it but for numbers that it would change: these are `Exact`. */
export function read(text: string, depthMax = DEPTH_MAX): unknown {
  let at = 0;

  function fail(what?: string): never {
    const lines = text.slice(0, at).split("\n");
    const found = text[at] === undefined ? "the text ends too early" : `unexpected ${JSON.stringify(text[at])}`;
    throw new SyntaxError(`${lines.length}:${(lines.at(-1) ?? "").length + 1}: ${what ?? found}`);
  }
  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  };
  /** Steps over a sign and the space around it, if it comes next. */
  const took = (sign: string): boolean => {
    match(SPACE);
    if (text[at] !== sign) return false;
    at += 1;
    match(SPACE);
    return true;
  };
  const want = (sign: string): void => void (took(sign) || fail());

  function value(depth: number): unknown {
    if (text[at] === '"') return string();
    if (depth === depthMax && (text[at] === "[" || text[at] === "{")) fail(`more than ${depthMax} levels`);
    if (took("[")) return list(depth);
    if (took("{")) return members(depth);
    const word = WORDS.find(([name]) => text.startsWith(name, at));
    if (!word) return number();
    at += word[0].length;
    return word[1];
  }
  function number(): number | Exact {
    const source = match(NUMBER) || fail();
    const double = Number(source);
    return String(double) === source ? double : new Exact(source);
  }
  function string(): string {
    if (text[at] !== '"') fail();
    let end = at + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
    try {
      const read = JSON.parse(text.slice(at, end + 1)) as string;
      at = end + 1;
      return read;
    } catch {
      return fail(end < text.length ? "this text is not right: look at its escapes and line breaks" : "this text has no end");
    }
  }
  function list(depth: number): unknown[] {
    const all: unknown[] = [];
    if (took("]")) return all;
    do all.push(value(depth + 1));
    while (took(","));
    want("]");
    return all;
  }
  function members(depth: number): Record<string, unknown> {
    const all: [string, unknown][] = [];
    if (!took("}")) {
      do {
        const name = string();
        want(":");
        all.push([name, value(depth + 1)]);
      } while (took(","));
      want("}");
    }
    // Not by assignment: to assign to `__proto__` makes no member.
    return Object.fromEntries(all);
  }

  match(SPACE);
  const all = value(0);
  match(SPACE);
  if (at < text.length) fail();
  return all;
}

/** JSON text of a value, as `JSON.stringify` writes it; an `Exact` as it was. */
export function write(value: unknown, indent = 0): string {
  return written(value, " ".repeat(indent), indent ? "\n" : "");
}

function written(value: unknown, indent: string, line: string): string {
  if (value instanceof Exact) return value.text;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const inner = line + indent;
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((one: unknown) => written(one, indent, inner))
    : Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => `${JSON.stringify(name)}:${line && " "}${written(member, indent, inner)}`);
  const [open, close] = isList ? "[]" : "{}";
  return parts.length ? `${open}${inner}${parts.join(`,${inner}`)}${line}${close}` : `${open}${close}`;
}
