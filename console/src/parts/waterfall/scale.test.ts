import { expect, test } from "vitest";
import { idle, linear, squeezed } from "./scale";
import type { Node, Tree } from "./tree";

const S = 1e9;

/** A saga, with what ran in it. */
const tree = (length: number, ran: [number, number][]): Tree => ({
  length: length * S,
  from: 0n,
  byId: new Map(),
  nodes: [
    { start: 0, end: length * S, span: { scope: "ondol.saga", kind: "internal" } },
    ...ran.map(([start, end]) => ({ start: start * S, end: end * S, span: { scope: "shop", kind: "server" } })),
  ] as Node[],
});
const seconds = (gaps: [number, number][]) => gaps.map((gap) => gap.map((ns) => ns / S));

test.each([
  ["busy most of the time", 100, [[0, 50], [60, 100]], []],
  ["a saga that waits to try again", 1_000, [[0, 10], [2, 20], [500, 510], [990, 1_000]], [[20, 500], [510, 990]]],
  ["many short waits", 100, Array.from({ length: 40 }, (_, at) => [at * 2.5, at * 2.5 + 0.1]), Array.from({ length: 40 }, (_, at) => [at * 2.5 + 0.1, at * 2.5 + 2.5])],
  ["short as a whole", 0.5, [[0, 0.01]], []],
] as [string, number, [number, number][], [number, number][]][])("idle: %s", (_, length, ran, gaps) => {
  const found = seconds(idle(tree(length, ran)));
  expect(found.map((gap) => gap.map((moment) => Number(moment.toFixed(3))))).toEqual(gaps.map((gap) => gap.map((moment) => Number(moment.toFixed(3)))));
});

test("idle stretches take little room, and moments keep their order", () => {
  const { at, named } = squeezed(1_000, [[20, 500], [510, 990]], 5);
  expect([0, 20, 500, 510, 990, 1_000].map((ns) => Number(at(ns).toFixed(3)))).toEqual([0, 0.475, 0.5, 0.738, 0.763, 1]);
  expect(named).toEqual([0, 500, 990]);
  const parts = Array.from({ length: 1_001 }, (_, ns) => at(ns));
  expect(parts.every((part, ns) => ns === 0 || part > (parts[ns - 1] ?? 0))).toBe(true);
});

test("the usual axis is in proportion, with round moments", () => {
  const { at, named } = linear(33e6, 5);
  expect(at(16.5e6)).toBe(0.5);
  expect(named).toEqual([0, 10e6, 20e6, 30e6]);
});
