import { expect, test } from "vitest";
import type { Json } from "./plan";
import { assemble, fields, keyOf, read, texts, write } from "./value";

const READ: [string, Json][] = [
  ["100", 100],
  ["-1.5e3", -1500],
  ["true", true],
  ["null", null],
  ['"100"', "100"],
  ['{"a": [1]}', { a: [1] }],
  ["[]", []],
  ["KE902", "KE902"],
  ["007", "007"],
  ["12A", "12A"],
  ["a {brace}", "a {brace}"],
];

test.each(READ)("%s is read", (typed, expected) => {
  expect(read(typed)).toEqual(expected);
  expect(read(write(expected))).toEqual(expected);
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
