import { expect, test } from "vitest";
import { write } from "../../api/json";
import { type Allowed, body, parsed } from "./verb";

const allowed = (verb: string): Allowed => ({ verb, allowed: true, step: "pay", half: "action" }) as Allowed;
const FIELDS = { note: "why", by: "", output: "{}", input: "{}" };

const TYPED: [string, string | null][] = [
  ['{"price": 1.0}', '{"price":1.0}'],
  ["[12345678901234567890, 1e3, 1]", "[12345678901234567890,1e3,1]"],
  ['{"__proto__": {"a": 1.50}}', '{"__proto__":{"a":1.50}}'],
  ["{", null],
  ["", null],
];

test.each(TYPED)("%s is sent as it was typed", (typed, sent) => {
  const value = parsed(typed);
  expect(value && write(value.value)).toBe(sent);
  for (const [verb, field] of [["edit", "input"], ["complete", "output"]] as const) {
    const act = body(allowed(verb), { ...FIELDS, [field]: typed });
    expect(act && write(act)).toBe(sent && `{"step":"pay","half":"action","note":"why","${field}":${sent}}`);
  }
});

test.each(["complete", "skip", "edit"])("who vouches says why: %s", (verb) => {
  expect(body(allowed(verb), { ...FIELDS, note: "  " })).toBeNull();
  expect(body(allowed("retry"), { ...FIELDS, note: "  " })).toEqual({ step: "pay", half: "action" });
});
