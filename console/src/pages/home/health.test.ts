import { expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import { health } from "./health";

test("what is not well comes first, and says why", () => {
  const calls = (name: string, ...usable: boolean[]) =>
    ({ name, endpoints: usable.map((one) => ({ usable: one, why: one ? null : "5 failures in a row" })) }) as unknown as Schemas["ServiceCalls"];
  const view = (service: string, requests: number, errors: number) => ({ service, requests, errors, p95_ns: 1 }) as unknown as Schemas["ServiceView"];
  const targets = [{ name: "flight", up: false, reason: "refused" }] as unknown as Schemas["Target"][];
  const found = health(
    [calls("auth", true), calls("flight", true), calls("inbox", true), calls("pay", true), calls("seat", true, false)],
    targets,
    [view("auth", 100, 1), view("pay", 100, 20), view("seat", 10, 0)],
  );
  expect(found.map((one) => [one.name, one.state, one.reason])).toEqual([
    ["flight", "down", "refused"],
    ["seat", "ejected", "5 failures in a row"],
    ["pay", "failing", ""],
    ["auth", "up", ""],
    ["inbox", "quiet", ""],
  ]);
});
