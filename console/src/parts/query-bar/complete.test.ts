import { describe, expect, test } from "vitest";
import { accept, complete, type Vocabulary } from "./complete";
import { scan } from "./scan";
import { attributeIs, withCondition } from "./write";

const words: Vocabulary = {
  services: ["payment", "reservation", "order desk"],
  attributes: { "user.id": ["u1", "u 2"], status: ["200"], seat: ["12A"] },
};

/** The cursor is `|`; what is offered comes as text. */
function offered(written: string, signal: "logs" | "traces" = "logs"): string {
  const cursor = written.indexOf("|");
  return complete(written.replace("|", ""), cursor, signal, words)
    .options.map((option) => option.insert)
    .join(" ");
}

/** The query after its first offer was taken, with the cursor as `|`. */
function taken(written: string): string {
  const query = written.replace("|", "");
  const found = complete(query, written.indexOf("|"), "logs", words);
  const option = found.options[0];
  if (!option) return "nothing offered";
  const next = accept(query, found, option);
  return `${next.query.slice(0, next.cursor)}|${next.query.slice(next.cursor)}`;
}

describe("what is offered", () => {
  test.each([
    ["|", "service: level: trace: span: instance: scope: text:"],
    ["se|", "service: seat: user.id:"],
    ["l|", "level:"],
    ["level:|", "error >=warn warn info debug trace fatal unset"],
    ["level:w|", "warn"],
    ["severity:e|", "error"],
    ["service:p|", "payment"],
    ["service:(payment OR re|", "reservation"],
    ["service:(|", 'payment reservation "order desk"'],
    ["-service:p|", "payment"],
    ["user|", "user.id:"],
    ["user.id:|", 'u1 "u 2"'],
    ["stat|", '"status":'],
    ['"status":|', "200"],
    ["error O|", "OR "],
    ["std::i|", ""],
    ['"timed ou|', ""],
    ["level:error|", ""],
  ])("%s", (written, wanted) => expect(offered(written)).toBe(wanted));

  test("spans have other fields", () => expect(offered("status:|", "traces")).toBe("error ok unset"));
});

describe("what is put in", () => {
  test.each([
    ["se|", "service:|"],
    ["service:p|", "service:payment |"],
    ["service:p| level:error", "service:payment| level:error"],
    ["service:(re|)", "service:(reservation|)"],
    ["-lev|", "-level:|"],
    ["service:order|", 'service:"order desk" |'],
    ["level:error o|", "level:error OR |"],
  ])("%s", (written, wanted) => expect(taken(written)).toBe(wanted));
});

describe("terms", () => {
  test.each([
    ['timeout "timed out"', 'timeout "timed out"'],
    ["-a NOT b NOT (c d) e", "!a NOT !b NOT !c !d e"],
    ["duration:[1s TO 2s] x", "duration=[1s TO 2s] x"],
    ["http://payment 12:30:05 std::io", "http://payment 12:30:05 std::io"],
    ["service:(a OR b) c", "service=a OR service=b c"],
    ['"name":"a b"', 'name="a b"'],
  ])("%s", (query, wanted) =>
    expect(
      scan(query)
        .map(({ field, value, negated, operator }) => `${negated && !operator ? "!" : ""}${field ? `${field}=` : ""}${value}`)
        .join(" "),
    ).toBe(wanted),
  );
});

describe("one thing more", () => {
  test.each([
    ["", "seat:12A", "seat:12A"],
    ["level:error", "seat:12A", "level:error seat:12A"],
    ["a OR b", "seat:12A", "(a OR b) seat:12A"],
    ["seat:12A", "seat:12A", "seat:12A"],
    ["(a OR b) c", "d", "(a OR b) c d"],
  ])("%s and %s", (query, condition, wanted) => expect(withCondition(query, condition)).toBe(wanted));

  test.each([
    ["status", "200", '"status":200'],
    ["request", "POST /x", 'request:"POST /x"'],
    ["seat", "12A", "seat:12A"],
    ["say", 'a "b" \\', 'say:"a \\"b\\" \\\\"'],
  ])("%s is %s", (name, value, wanted) => expect(attributeIs(name, value)).toBe(wanted));
});
