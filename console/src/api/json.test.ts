import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { DEPTH_MAX, Exact, read, write } from "./json";

/** The value as `JSON.parse` would have made it. */
function plain(value: unknown): unknown {
  if (value instanceof Exact) return Number(value.text);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

/** The reader takes a text if and only if `JSON.parse` does, and makes the same of it. */
function agrees(text: string): void {
  let expected: unknown;
  try {
    expected = JSON.parse(text);
  } catch {
    expect(() => read(text), text).toThrow(SyntaxError);
    return;
  }
  const value = read(text);
  // Not `toStrictEqual`, which stumbles over a member `constructor`.
  expect(isDeepStrictEqual(plain(value), expected), text).toBe(true);
  // What is written is read as the same, with and without indentation.
  for (const indent of [0, 2]) {
    expect(write(expected, indent), text).toBe(JSON.stringify(expected, null, indent));
    expect(isDeepStrictEqual(read(write(value, indent)), value), text).toBe(true);
  }
}

const TEXTS = [
  ..."0 -0 1 -1 1.0 1.5 1e3 1E+3 1e-7 12345678901234567890 0.1 1e999 -1.50".split(" "),
  ..."01 -01 1. .5 - + +1 1e 1e+ 0x1 NaN Infinity -Infinity 1_000 --1 1,2".split(" "),
  "true", "false", "null", "True", "nul", "truee", "true false", "undefined",
  '""', '"a"', '"\\u00e9\\n\\/\\"\\\\"', '"\\ud800"', '"가 😀"', '"\u2028"', '"\u007f"',
  '"', '"a', '"\\', '"\\"', '"\\x41"', '"\\u12"', '"\\u12G4"', '"a\nb"', '"a\tb"', '"\u0000"', "'a'", '"a"b',
  "[]", "[ ]", "[1]", "[1, [2, []]]", "[1,]", "[,]", "[1 2]", "[", "]", "[1", "[1}",
  "{}", "{ }", '{"a": 1}', '{"a":{"b":[]},"c":null}', '{"a": 1,}', "{,}", '{"a"}', '{"a":}', "{a: 1}", '{1: 1}', '{"a" 1}', "{", "}", '{"a":1', '{"a":1]',
  '{"a":1,"a":2}', '{"":""}', '{"2":0,"1":0}',
  '{"__proto__":{"polluted":1}}', '{"__proto__":null}', '{"constructor":{"prototype":{"a":1}}}', '{"toString":1,"hasOwnProperty":2,"toJSON":3}',
  "", " ", "\n", " \t\r\n1 \t\r\n", "\u00a01", "\ufeff1", "\v1", "1\u0000", "/**/1", "1//", "[1]]", "{}{}", '[1,\n  {"a" :\t"b"} ]',
];

test.each(TEXTS.map((text) => [JSON.stringify(text), text]))("%s is read as JSON.parse does", (_, text) => agrees(text));

/** Chance that is the same with every run. */
function chances(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

const LEAVES = ["0", "-0", "1.0", "1e3", "-12.5E-2", "98765432109876543210", "true", "false", "null", '""', '"a\\n\\u0041"', '"__proto__"', '"[{,:"'];
const NAMES = ['"a"', '"b c"', '"__proto__"', '"constructor"', '""', '"7"', '"\\u0061"'];
const SPACES = ["", "", " ", "\n", "\t "];
const MARKS = [...'[]{},:"\\0123.-+eEtfn \n'];

function made(below: (n: number) => number, depth: number): string {
  const one = <T>(all: T[]): T => all[below(all.length)] as T;
  const space = () => one(SPACES);
  const kind = depth > 4 ? 0 : below(3);
  if (kind === 0) return space() + one(LEAVES) + space();
  const parts = Array.from({ length: below(4) }, () => (kind === 1 ? "" : `${space()}${one(NAMES)}${space()}:`) + made(below, depth + 1));
  return kind === 1 ? `[${parts.join(",") || space()}]` : `{${parts.join(",") || space()}}`;
}

test("documents by chance, and such with a mark too few, too many or another one", () => {
  const below = chances(20261125);
  for (let run = 0; run < 2_000; run += 1) {
    const text = made(below, 0);
    agrees(text);
    const at = below(text.length + 1);
    const mark = MARKS[below(MARKS.length)] ?? "";
    agrees(text.slice(0, at) + text.slice(at + 1));
    agrees(text.slice(0, at) + mark + text.slice(at));
    agrees(text.slice(0, at) + mark + text.slice(at + 1));
  }
});

const KEPT: [string, unknown][] = [
  ["1", 1],
  ["-1.5", -1.5],
  ["9007199254740991", 9007199254740991],
  ["1e+21", 1e21],
  ["-0", new Exact("-0")],
  ["1.0", new Exact("1.0")],
  ["1e3", new Exact("1e3")],
  ["9007199254740993", new Exact("9007199254740993")],
  ["12345678901234567890", new Exact("12345678901234567890")],
  ["0.1000000000000000055", new Exact("0.1000000000000000055")],
];

test.each(KEPT)("%s is written as it was", (text, value) => {
  expect(read(text)).toStrictEqual(value);
  expect(write(read(text))).toBe(text);
  expect(write(read(`{"a":[${text}]}`))).toBe(`{"a":[${text}]}`);
});

test("what is not there is not written", () => {
  const value = { a: undefined, b: [undefined, Number.NaN], c: null };
  expect(write(value)).toBe(JSON.stringify(value));
  expect(write(undefined)).toBe("null");
});

test("a member __proto__ is one of its own", () => {
  const value = read('{"__proto__": {"polluted": 1.0}}') as object;
  expect(Object.hasOwn(value, "__proto__")).toBe(true);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(write(value)).toBe('{"__proto__":{"polluted":1.0}}');
  expect("polluted" in {}).toBe(false);
});

test("depth has a bound", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  agrees(nested(DEPTH_MAX));
  expect(() => read(nested(DEPTH_MAX + 1))).toThrow("more than 128 levels");
  expect(() => read("[".repeat(100_000))).toThrow("more than 128 levels");
});

const WRONG: [string, string][] = [
  ['{\n  "a": 1,\n}', '3:1: unexpected "}"'],
  ["[1", "1:3: the text ends too early"],
  ['["a', "1:2: this text has no end"],
  ['["\\x"]', "1:2: this text is not right: look at its escapes and line breaks"],
];

test.each(WRONG)("%s: where and what is wrong is said", (text, message) => expect(() => read(text)).toThrow(message));
