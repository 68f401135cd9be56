import { expect, test } from "vitest";
import { type Change, diff, isSame, type PlanDiff } from "./diff";
import type { Half, Plan, Step } from "./plan";

const half = (service: string, more: Partial<Half> = {}): Half => ({ service, method: "POST", path: "/do", ...more });
const step = (name: string, more: Partial<Step> = {}): Step => ({ name, after: [], action: half("one"), ...more });
const plan = (steps: Step[], more: Record<string, unknown> = {}): Plan => ({ format: 1, name: "plan", steps, ...more });

const say = ({ at, before, after }: Change): string => `${at.join(".")}: ${JSON.stringify(before)} > ${JSON.stringify(after)}`;
const told = ({ changes, steps }: PlanDiff): string[] => [
  ...changes.map(say),
  ...steps.flatMap((one) => (one.kind === "changed" ? one.changes.map((change) => `${one.name} ${say(change)}`) : [`${one.kind} ${one.name}`])),
];

const CASES: [string, Plan, Plan, string[]][] = [
  ["nothing", plan([step("a")]), plan([step("a")]), ["same a"]],
  ["a step more", plan([step("a")]), plan([step("a"), step("b")]), ["same a", "added b"]],
  ["a step less, where it was", plan([step("a"), step("b"), step("c")]), plan([step("a"), step("c")]), ["same a", "removed b", "same c"]],
  ["the first step less", plan([step("a"), step("b")]), plan([step("b")]), ["removed a", "same b"]],
  [
    "members of a half, deep",
    plan([step("a", { action: half("one", { body: { amount: "${{ input.price }}", kept: 1 } }) })]),
    plan([step("a", { action: half("two", { body: { amount: "${{ input.cost }}", kept: 1, more: null } }) })]),
    [
      'a action: "one POST /do" > "two POST /do"',
      'a action.body.amount: "${{ input.price }}" > "${{ input.cost }}"',
      "a action.body.more: undefined > null",
    ],
  ],
  [
    "a compensation is one change",
    plan([step("a")]),
    plan([step("a", { compensation: half("one", { retry: { first_ms: 1, factor_percent: 200, max_ms: 2 } }) })]),
    ['a compensation: undefined > "one POST /do"'],
  ],
  [
    "what it waits for, by name",
    plan([step("a"), step("b"), step("c", { after: [0] })]),
    plan([step("b"), step("a"), step("c", { after: [1] })]),
    ["same b", "same a", "same c"],
  ],
  ["it waits for another", plan([step("a"), step("b", { after: [0] })]), plan([step("a"), step("b")]), ["same a", 'b after: ["a"] > []']],
  [
    "condition and pivot",
    plan([step("a")]),
    plan([step("a", { if: "input.vip", pivot: true })]),
    ["a pivot: false > true", 'a if: undefined > "input.vip"'],
  ],
  [
    "the plan as a whole",
    plan([], { timeout_ms: 1, notify: ["parked"], output: { a: 1 } }),
    plan([], { timeout_ms: 2, notify: ["parked"], output: { a: 2 } }),
    ["timeout_ms: 1 > 2", "output.a: 1 > 2"],
  ],
];

test.each(CASES)("%s", (_, before, after, expected) => {
  const found = diff(before, after);
  expect(told(found)).toEqual(expected);
  expect(isSame(found)).toBe(expected.every((line) => line.startsWith("same")));
});
