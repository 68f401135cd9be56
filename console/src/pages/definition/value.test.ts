import { expect, test } from "vitest";
import { Exact, read as readJson, write as writeJson } from "../../api/json";
import type { Json } from "./plan";
import { assemble, fields, keyOf, read, texts, write } from "./value";

const READ: [string, Json][] = [
  ["100", 100],
  ["-1.5", -1.5],
  ["-1.5e3", new Exact("-1.5e3")],
  ["1.0", new Exact("1.0")],
  ["12345678901234567890", new Exact("12345678901234567890")],
  ["true", true],
  ["null", null],
  ['"100"', "100"],
  ['{"a": [1]}', { a: [1] }],
  ['{"a": [1.50]}', { a: [new Exact("1.50")] }],
  ["[]", []],
  ["KE902", "KE902"],
  ["007", "007"],
  ["12A", "12A"],
  ["a {brace}", "a {brace}"],
];

test.each(READ)("%s is read", (typed, expected) => {
  expect(read(typed)).toStrictEqual(expected);
  expect(read(write(expected))).toStrictEqual(expected);
});

test("where text is wanted a number is text", () => {
  expect(read("100", { type: "string" })).toBe("100");
  expect(read('"100"', { type: "string" })).toBe("100");
  expect(write("100", { type: "string" })).toBe("100");
});

test("JSON that was begun has to be right", () => expect(() => read("{a")).toThrow());

const SCHEMA = {
  type: "object",
  properties: { price: {}, who: { type: "object", properties: { name: {}, age: {} }, required: ["name"] } },
  required: ["price", "who"],
};
const FIELDS = fields(SCHEMA);

test("a form has a field for every leaf", () => {
  expect(FIELDS.map(({ path, required }) => `${path.join(".")}${required ? "" : "?"}`)).toEqual(["price", "who.name", "who.age?"]);
});

test("an input is what was typed, and what the form does not show", () => {
  const typed = { [keyOf(["price"])]: "100", [keyOf(["who", "name"])]: "Kim", [keyOf(["who", "age"])]: "" };
  expect(assemble(FIELDS, typed, { more: 1, who: { age: 3 } })).toEqual({ input: { more: 1, price: 100, who: { name: "Kim" } }, wrong: {} });
  expect(texts(FIELDS, { price: 100, who: { name: "Kim" } })).toEqual(typed);
});

test("what is missing or wrong is said", () => {
  const typed = { [keyOf(["price"])]: "{", [keyOf(["who", "name"])]: " " };
  expect(assemble(FIELDS, typed).wrong).toEqual({ [keyOf(["price"])]: "json", [keyOf(["who", "name"])]: "missing" });
});

test("numbers are sent as they were typed, also those that the form does not show", () => {
  const typed = { [keyOf(["price"])]: "12345678901234567890", [keyOf(["who", "name"])]: "[1.0, 1e3]" };
  const { input } = assemble(FIELDS, typed, readJson('{"more": 1.00, "list": [0.10]}') as Json);
  expect(writeJson(input)).toBe('{"more":1.00,"list":[0.10],"price":12345678901234567890,"who":{"name":[1.0,1e3]}}');
  expect(texts(FIELDS, input)[keyOf(["price"])]).toBe("12345678901234567890");
});

// Names that every object has from its prototype.
const NAMES: string[][] = [["__proto__"], ["__proto__", "polluted"], ["constructor"], ["constructor", "prototype", "polluted"], ["a", "__proto__", "polluted"], ["toString"]];

test.each(NAMES.map((path) => [path.join("."), path] as const))("input.%s is a member as all others", (_, path) => {
  const all = [{ path, schema: {}, required: false }];
  const empty = { [keyOf(path)]: "" };
  const typed = { [keyOf(path)]: "1" };
  const { input } = assemble(all, typed);
  const json = path.reduceRight<string>((inner, name) => `{"${name}":${inner}}`, "1");
  expect(writeJson(input)).toBe(json);
  expect(texts(all, input)).toEqual(typed);
  expect(texts(all, {})).toEqual(empty);
  // Filled in from JSON, changed, and taken out again.
  const base = readJson(json) as Json;
  expect(writeJson(assemble(all, { [keyOf(path)]: "2.0" }, base).input)).toBe(json.replace("1", "2.0"));
  expect(writeJson(assemble(all, empty, base).input)).not.toContain("1");
  expect(writeJson(base)).toBe(json);
  assemble(all, empty);
  expect("polluted" in {}).toBe(false);
  expect(typeof Object.prototype.toString).toBe("function");
});
