import { expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import { gather, type Known, wellness, worstFirst } from "./model";

type Calls = Schemas["ServiceCalls"];

const calls = (usable: boolean[], queued = 0): Calls => ({
  name: "a",
  endpoints: usable.map((one) => ({ address: "http://a", usable: one, in_flight: 0, ...(one ? {} : { why: "it takes no connection" }) })),
  retry_budget: 100,
  throttle: { limit: 64, in_flight: 0, queued },
  counts: {
    answered_2xx: 0, answered_3xx: 0, answered_4xx: 0, answered_5xx: 0, answered_other: 0, not_sent: 0, unclear: 0, rejected: 0,
    fallbacks: { static: 0, cached: 0, alternate: 0 }, attempts: 0, retries: 0, hedges: 0,
  },
  calls: [],
});
const figures = (requests: number, errors: number) => ({ service: "a", spans: requests, requests, errors, p50_ns: 1, p95_ns: 1, p99_ns: 1 });
const target = (up: boolean, more: object = {}) => ({ name: "a", up, in_flight: 0, waiting: 0, ...more });

const CASES: [string, Partial<Known>, object][] = [
  ["all usable", { calls: calls([true, true]) }, { is: "well" }],
  ["one of two out", { calls: calls([true, false]) }, { is: "partly", out: 1, endpoints: 2, reason: "it takes no connection" }],
  ["all out, nobody waits yet", { calls: calls([false]), target: target(true) }, { is: "out", endpoints: 1, reason: "it takes no connection" }],
  [
    "its probe is due",
    { calls: { ...calls([true]), endpoints: [{ address: "http://a", usable: true, in_flight: 0, why: "its probe is due" }] } },
    { is: "out", endpoints: 1, reason: "its probe is due" },
  ],
  [
    "nobody could reach it",
    { calls: calls([false]), target: target(false, { down_for_ms: 5, waiting: 3, reason: "refused" }) },
    { is: "down", forMs: 5, waiting: 3, reason: "refused" },
  ],
  ["one error in twenty", { calls: calls([true]), figures: figures(20, 1) }, { is: "failing", errors: 1, requests: 20 }],
  ["one error in a hundred", { calls: calls([true]), figures: figures(100, 1) }, { is: "well" }],
  ["calls in line", { calls: calls([true], 2), target: target(true, { waiting: 1 }) }, { is: "crowded", queued: 3 }],
  ["gone from the file", { target: target(true, { removed: true, waiting: 2 }) }, { is: "removed", waiting: 2 }],
  ["only in traces", { figures: figures(10, 9) }, { is: "outside", ondol: false }],
];

test.each(CASES)("%s", (_, known, expected) => expect(wellness({ name: "a", ...known })).toEqual(expected));

test("those that are not well stand first", () => {
  const well = { name: "a", calls: calls([true]) };
  const out = { name: "b", calls: calls([false]) };
  const outside = { name: "0", figures: figures(1, 0) };
  expect(worstFirst([outside, well, out]).map(({ known }) => known.name)).toEqual(["b", "a", "0"]);
});

test("receivers of notices are no services", () => {
  const status = { targets: [target(true, { name: "notices of book-flight" }), target(true, { name: "old", removed: true })] };
  const found = gather({ status: status as unknown as Schemas["ServerStatus"], calls: { services: [calls([true])] } });
  expect(found.map(({ name }) => name)).toEqual(["a", "old"]);
});
