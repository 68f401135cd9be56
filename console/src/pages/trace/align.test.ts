import { expect, test } from "vitest";
import type { Span, WholeTrace } from "../../parts/waterfall/model";
import { plant } from "../../parts/waterfall/tree";
import { align } from "./align";

const MS = 1_000_000;

/** `depth name took[!]`, one a line, by their beginning. */
function tree(...lines: string[]) {
  const above: string[] = [];
  const spans = lines.map((line, at): Span => {
    const [, dots = "", name = "", took = "", failed] = /^(\.*)(\w+) (\d+)(!?)$/.exec(line) ?? [];
    above[dots.length] = String(at);
    return {
      span_id: String(at),
      parent: dots.length ? above[dots.length - 1] : null,
      name,
      kind: "internal",
      service: "shop",
      instance: "",
      scope: "",
      start_ns: String(1_790_000_000_000_000_000n + BigInt(at)),
      duration_ns: Number(took) * MS,
      status: failed ? "error" : "unset",
      attributes: {},
      resource: {},
    };
  });
  const analysis = { failure: null, critical: [], shifts: [], cycles: [] } as unknown as WholeTrace["analysis"];
  return plant({ trace_id: "t", spans, analysis });
}

const drawn = (here: string[], there: string[]) => align(tree(...here), tree(...there)).map(({ depth, name, mark }) => `${".".repeat(depth)}${name} ${mark}`);

test.each([
  ["the same", ["a 10", ".b 5"], ["a 10", ".b 5"], ["a same", ".b same"]],
  ["a little longer is the same", ["a 10"], ["a 11"], ["a same"]],
  ["less than a millisecond is the same", ["a 0"], ["a 0"], ["a same"]],
  ["longer and shorter there", ["a 10", ".b 8"], ["a 20", ".b 3"], ["a slower", ".b faster"]],
  ["only in one", ["a 10", ".b 5", "..c 1"], ["a 10", ".d 5"], ["a same", ".d only_there", ".b only_here", "..c only_here"]],
  ["stands where it came", ["a 10", ".b 5", ".c 5"], ["a 10", ".b 5", ".x 1", ".c 5"], ["a same", ".b same", ".x only_there", ".c same"]],
  ["the first with the first", ["a 10", ".b 5", ".b 5"], ["a 10", ".b 5", ".b 50", ".b 5"], ["a same", ".b same", ".b slower", ".b only_there"]],
  ["failing is told before time", ["a 10!", ".b 5"], ["a 30", ".b 5!"], ["a fails_here", ".b fails_there"]],
  ["other roots", ["a 10"], ["b 10"], ["b only_there", "a only_here"]],
  ["nothing there", ["a 10"], [], ["a only_here"]],
])("%s", (_, here, there, expected) => {
  expect(drawn(here, there)).toEqual(expected);
});

test("long chains and many siblings", () => {
  const wide = ["a 1", ...Array.from({ length: 20_000 }, () => ".b 1")];
  expect(align(tree(...wide), tree(...wide))).toHaveLength(20_001);
});
