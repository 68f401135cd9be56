import { expect, test } from "vitest";
import { pieces, searched } from "./searched";

/** The text with what is marked in brackets. */
const marked = (query: string, text: string): string =>
  pieces(text, searched(query))
    .map((piece) => (piece.marked ? `[${piece.text}]` : piece.text))
    .join("");

test.each([
  ["timeout", "Timeout after timeouts", "[Timeout] after timeouts"],
  ['"timed out"', "it timed out, untimed outage", "it [timed out], untimed outage"],
  ["conn*", "connection reconnect", "[connection] reconnect"],
  ["*conn*", "a reconnection", "a [reconnection]"],
  ["conn*refused", "connection was refused", "[connection was refused]"],
  ["-refused level:error charge", "charge refused", "[charge] refused"],
  ["NOT (a b) c", "a b c", "a b [c]"],
  ["text:seat", "seat 12A", "[seat] 12A"],
  ["결제*", "결제가 실패", "[결제가] 실패"],
  ["http://x/y", "GET http://x/y", "GET [http://x/y]"],
  ["level:error", "error", "error"],
  ["(", "(", "("],
  ["user-01", "user-01 has", "[user-01] has"],
])("%s in %s", (query, text, wanted) => expect(marked(query, text)).toBe(wanted));
