import { expect, test } from "vitest";
import type { Plan } from "./plan";
import { derived, inputSchema } from "./schema";

const plan = (body: unknown, condition?: string): Plan => ({
  steps: [{ name: "a", ...(condition ? { if: condition } : {}), action: { service: "s", method: "POST", path: "/", body } }],
});
const leaf = {};

const CASES: [string, Plan, unknown][] = [
  ["no input", plan("no expression with input.x"), { type: "object" }],
  ["all of it", plan("${{ input }}"), { type: "object" }],
  ["one member", plan({ a: "${{ input.seat }}" }), { type: "object", properties: { seat: leaf }, required: ["seat"] }],
  ["inside of text, twice", plan("/${{ input.a }}/${{input.b}}/${{ input.a }}"), { type: "object", properties: { a: leaf, b: leaf }, required: ["a", "b"] }],
  [
    "deep, also in brackets",
    plan('${{ input.a["b-c"].d }}'),
    {
      type: "object",
      properties: { a: { type: "object", properties: { "b-c": { type: "object", properties: { d: leaf }, required: ["d"] } }, required: ["b-c"] } },
      required: ["a"],
    },
  ],
  ["a function of it", plan('${{ input.name.startsWith("x") && size(input.list) > 0 }}'), { type: "object", properties: { name: leaf, list: leaf }, required: ["name", "list"] }],
  ["of others", plan("${{ steps.a.input.x }} ${{ my_input.y }} ${{ input_z }}"), { type: "object" }],
  ["asked for", plan("${{ has(input.vip) ? input.vip : false }}"), { type: "object", properties: { vip: leaf } }],
  ["a bare condition", plan(null, "input.vip"), { type: "object", properties: { vip: leaf }, required: ["vip"] }],
  ["a condition in braces", plan(null, "${{ input.vip }}"), { type: "object", properties: { vip: leaf }, required: ["vip"] }],
  [
    "names that every object has",
    plan('${{ input.__proto__.polluted }} ${{ input["constructor"] }} ${{ input.constructor.prototype.polluted }}'),
    {
      type: "object",
      properties: {
        ["__proto__"]: { type: "object", properties: { polluted: leaf }, required: ["polluted"] },
        constructor: { type: "object", properties: { prototype: { type: "object", properties: { polluted: leaf }, required: ["polluted"] } }, required: ["prototype"] },
      },
      required: ["__proto__", "constructor"],
    },
  ],
];

test("no name reaches what all objects share", () => {
  derived(plan("${{ input.__proto__.polluted }} ${{ input.constructor.prototype.polluted }}"));
  for (const name of ["polluted", "type", "properties", "required", "prototype"]) expect(name in {}, name).toBe(false);
});

test.each(CASES)("%s", (_, of, expected) => expect(derived(of)).toEqual(expected));

test("what the definition says goes before", () => {
  const said = { type: "object", properties: { price: { type: "number" } } };
  expect(inputSchema(plan("${{ input.seat }}"), said)).toBe(said);
  expect(inputSchema(plan("${{ input.seat }}"), null)).toEqual(derived(plan("${{ input.seat }}")));
});
