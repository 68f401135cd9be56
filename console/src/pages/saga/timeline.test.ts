import { expect, test } from "vitest";
import type { Saga } from "./query";
import { timeline } from "./timeline";

const at = (seconds: number) => new Date(seconds * 1_000).toISOString();

test("attempts and the waits between them share one axis", () => {
  const attempt = (number: number, from: number, to: number | null, outcome: string, then: string) => ({
    half: "action",
    number,
    started_at: at(from),
    ended_at: to === null ? null : at(to),
    outcome,
    follows: { then },
  });
  const saga = {
    created_at: at(100),
    ended_at: null,
    steps: [
      { name: "hold", service: "flight", attempts: [attempt(1, 100, 101, "unclear", "retry"), attempt(2, 103, 104, "done", "settle")] },
      { name: "pay", service: "payment", attempts: [attempt(1, 104, 105, "unclear", "retry")] },
      { name: "confirm", service: "reservation", attempts: [] },
    ],
  } as unknown as Saga;
  const { from, to, rows } = timeline(saga, 110_000);
  expect([from, to]).toEqual([100_000, 110_000]);
  expect(rows.map((row) => [row.step, ...row.stretches.map((one) => `${one.kind} ${one.from / 1_000}-${one.to / 1_000}`)])).toEqual([
    ["hold", "attempt 100-101", "wait 101-103", "attempt 103-104"],
    ["pay", "attempt 104-105", "wait 105-110"],
  ]);
});
