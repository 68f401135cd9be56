import { expect, test } from "vitest";
import { templateQuery } from "./template-query";

test.each([
  ["", "POST /outcomes -", 'service:s "POST /outcomes -"'],
  ["", "seat <*> of <*> is held for <*>", 'service:s "is held for" "seat" "of"'],
  ["", "took <*>ms in<*>", 'service:s "took"'],
  ["", "<*>", "service:s"],
  ["level:error", "it failed", 'level:error service:s "it failed"'],
  ["service:s", "it failed", 'service:s "it failed"'],
  ["a OR b", 'say "yes"', '(a OR b) service:s "say \\"yes\\""'],
  ["", "line\nnext <*>", 'service:s "line"'],
])("in %s, %s", (query, text, wanted) => expect(templateQuery(query, { service: "s", text })).toBe(wanted));
