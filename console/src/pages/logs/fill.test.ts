import { expect, test } from "vitest";
import { filled } from "./fill";

const NONE = { unset: 0, trace: 0, debug: 0, info: 0, warn: 0, error: 0, fatal: 0 };
const MINUTE = 60_000;

test("the whole span is there, also where no line is", () => {
  const histogram = { step_ns: MINUTE * 1e6, counts: [{ ...NONE, info: 3, from_ns: String(4 * MINUTE * 1e6) }] };
  const { at, counts } = filled(histogram, 2 * MINUTE + 5, 6 * MINUTE + 5);
  expect(at).toEqual([2, 3, 4, 5, 6].map((minute) => minute * MINUTE));
  expect(counts.map((step) => step.info)).toEqual([0, 0, 3, 0, 0]);
});

test("nothing found is an empty span", () => {
  expect(filled({ step_ns: MINUTE * 1e6, counts: [] }, 0, 2 * MINUTE).counts).toEqual([NONE, NONE]);
});
