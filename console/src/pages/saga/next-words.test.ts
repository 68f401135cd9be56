import { expect, test } from "vitest";
import { en } from "../../text/en";
import { nextWords } from "./next-words";
import type { Saga } from "./query";

const step = (name: string, half: string, mode: string, due_at: string | null = null) => ({ name, service: "pay", progress: { half, mode, due_at } });

test.each([
  ["what is under way comes first", { steps: [step("a", "action", "waiting", "2"), step("b", "action", "in_flight")] }, "pay answers: b"],
  ["the earliest attempt", { steps: [step("a", "action", "waiting", "3"), step("b", "compensation", "waiting", "2")] }, "Tried again: undoing b"],
  ["a person decides", { steps: [step("a", "compensation", "stuck")] }, "A person decides about undoing a"],
  ["a pause", { steps: [step("a", "action", "waiting", "3")], paused: true }, "A person resumes it"],
  ["a notice", { steps: [], ended_at: "1", notices: [{ number: 0, state: "due" }] }, "Notice 0 is sent"],
  ["nothing", { steps: [], next: null }, undefined],
])("%s", (_, of, expected) => {
  const saga = { notices: [], paused: false, ended_at: null, next: { what: "", at: null }, ...of } as unknown as Saga;
  expect(nextWords(saga, en)?.what).toBe(expected);
});
