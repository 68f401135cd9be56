import { expect, test } from "vitest";
import { isToken } from "./token";

test.each([
  ["0123456789abcdef", true],
  ["a!~", true],
  ["", false],
  ["two words", false],
  ["비밀번호", false],
  ["nul\u0000", false],
])("%j as a token: %s", (value, expected) => {
  expect(isToken(value)).toBe(expected);
});
