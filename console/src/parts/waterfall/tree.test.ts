import { describe, expect, test } from "vitest";
import type { Analysis, Span, WholeTrace } from "./model";
import { plant, unfoldedTo, visible } from "./tree";

const span = (id: string, parent: string | null, start: number, took: number, more: Partial<Span> = {}): Span => ({
  span_id: id,
  parent,
  name: id,
  kind: "internal",
  service: "shop",
  instance: "shop-1",
  scope: "",
  start_ns: String(1_790_000_000_000_000_000n + BigInt(start)),
  duration_ns: took,
  status: "unset",
  attributes: {},
  resource: {},
  ...more,
});

const trace = (spans: Span[], analysis: Partial<Analysis> = {}): WholeTrace => ({
  trace_id: "t",
  spans,
  analysis: { failure: null, critical: [], shifts: [], cycles: [], ...analysis } as unknown as WholeTrace["analysis"],
});

const drawn = (of: WholeTrace) => plant(of).nodes.map((node) => `${".".repeat(node.depth)}${node.span.span_id} ${node.start}-${node.end}`);

describe("a tree of spans", () => {
  test("has parents before children, and sizes", () => {
    const tree = plant(trace([span("a", null, 0, 100), span("b", "a", 10, 20), span("d", "a", 50, 20), span("c", "b", 12, 5, { status: "error" })]));
    expect(tree.nodes.map((node) => [node.span.span_id, node.depth, node.size, node.failedBelow])).toEqual([
      ["a", 0, 4, 1],
      ["b", 1, 2, 1],
      ["c", 2, 1, 0],
      ["d", 1, 1, 0],
    ]);
    expect(tree.length).toBe(100);
  });

  test("shows a span without the parent it names, and says so", () => {
    const tree = plant(trace([span("b", "gone", 10, 20)]));
    expect(tree.nodes[0]).toMatchObject({ depth: 0, orphan: true, start: 0 });
  });

  test("cuts a ring of parents", () => {
    expect(drawn(trace([span("a", "b", 0, 10), span("b", "a", 1, 5)]))).toEqual(["a 0-10", ".b 1-6"]);
    expect(drawn(trace([span("a", "b", 0, 10), span("b", "a", 1, 5)], { cycles: ["b"] }))).toEqual(["b 1-6", ".a 0-10"]);
  });

  test("shows what came twice once", () => {
    expect(drawn(trace([span("a", null, 0, 10), span("a", null, 0, 10)]))).toEqual(["a 0-10"]);
  });

  test("puts both sides of a call that share an id below each other", () => {
    expect(drawn(trace([span("a", null, 0, 10, { kind: "client" }), span("a", null, 2, 5, { kind: "server" })]))).toEqual(["a 0-10", ".a 2-7"]);
  });

  test("moves what a wrong clock recorded, with all of that service below it", () => {
    const spans = [span("a", null, 0, 100), span("b", "a", -500, 50, { service: "bank" }), span("c", "b", -490, 10, { service: "bank" })];
    const shifts = [{ service: "bank", span_id: "b", by_ns: 525 }];
    expect(drawn(trace(spans, { shifts }))).toEqual(["a 0-100", ".b 25-75", "..c 35-45"]);
  });

  test("takes a chain of fifty thousand", () => {
    const spans = Array.from({ length: 50_000 }, (_, at) => span(`s${at}`, at ? `s${at - 1}` : null, at, 50_000));
    const tree = plant(trace(spans));
    expect(tree.nodes.at(-1)?.depth).toBe(49_999);
    expect(tree.nodes[0]?.size).toBe(50_000);
  });
});

test("what is below a folded span is not shown", () => {
  const tree = plant(trace([span("a", null, 0, 100), span("b", "a", 10, 20), span("c", "b", 12, 5), span("d", "a", 50, 20)]));
  const ids = (folded: string[]) => visible(tree, new Set(folded)).map((at) => tree.nodes[at]?.span.span_id);
  expect(ids([])).toEqual(["a", "b", "c", "d"]);
  expect(ids(["b"])).toEqual(["a", "b", "d"]);
  expect(ids(["a", "b"])).toEqual(["a"]);
  expect([...unfoldedTo(tree, "c", new Set(["a", "b", "d"]))]).toEqual(["d"]);
});
