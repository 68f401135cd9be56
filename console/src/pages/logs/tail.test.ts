import { expect, test } from "vitest";
import type { Line } from "./line";
import { arrived, KEPT, NOTHING, released } from "./tail";

const line = (at: number): Line =>
  ({ time_ns: String(1_000_000 + at), key: "k", service: "s", level: "info", severity: 9, instance: "i", scope: "", body: "", attributes: {}, resource: {} }) as Line;
const times = (lines: Line[]): number[] => lines.map((one) => Number(one.time_ns) - 1_000_000);

test("new lines are on top, in the order of their time, and each once", () => {
  const first = arrived(NOTHING, [line(2), line(1)], 0, false);
  const second = arrived(first, [line(3), line(2)], 0, false);
  expect(times(second.lines)).toEqual([3, 2, 1]);
});

test("what is held waits, and is shown when it is released", () => {
  const shown = arrived(NOTHING, [line(1)], 0, false);
  const held = arrived(shown, [line(2)], 1, true);
  expect([times(held.lines), times(held.waiting), held.missed]).toEqual([[1], [2], 1]);
  expect(times(released(held).lines)).toEqual([2, 1]);
});

test("only the newest are kept, and that is said", () => {
  const many = Array.from({ length: KEPT }, (_, at) => line(at));
  const full = arrived(NOTHING, many, 0, false);
  expect(full.cut).toBe(false);
  const over = arrived(full, [line(KEPT)], 0, false);
  expect([over.lines.length, over.cut, times(over.lines)[0]]).toEqual([KEPT, true, KEPT]);
});
