import { expect, test } from "vitest";
import { flag, range, text } from "./search";

const FROM = "2026-11-25T10:00:00Z";
const TO = "2026-11-25T11:00:00Z";

test.each([
  ["nothing", {}, {}],
  ["a usual span", { since: "1h" }, { since: "1h" }],
  ["a span that is none", { since: "1y" }, {}],
  ["from and to", { from: FROM, to: TO }, { from: FROM, to: TO }],
  ["from alone", { from: FROM, since: "1h" }, { from: FROM }],
  ["the wrong way round", { from: TO, to: FROM }, {}],
  ["an empty span", { from: FROM, to: FROM }, {}],
  ["a moment that is none", { from: "-2h", to: TO, since: "6h" }, { since: "6h" }],
])("a range of %s", (_, raw, expected) => {
  expect(range(raw)).toEqual(expected);
});

test("every value is text, and switches are words", () => {
  expect(text({ q: "12345678901234567890" }, "q")).toBe("12345678901234567890");
  expect(text({ q: "" }, "q")).toBeUndefined();
  expect([flag({ live: "true" }, "live"), flag({ live: "no" }, "live")]).toEqual([true, undefined]);
});
