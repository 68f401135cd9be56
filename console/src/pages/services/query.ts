import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { type Range, type RangeName, window } from "../../app/search";
import { statusQuery } from "../../app/server";
import { systemQuery } from "../definition/query";
import { gather, type Known } from "./model";

/** What services are looked at over, where nothing is said. */
export const RANGE: RangeName = "15m";

export const mapQuery = (range: Range) =>
  queryOptions({
    queryKey: ["map", range.since ?? RANGE, range.from, range.to],
    queryFn: () => answer(api.GET("/v1/telemetry/map", { params: { query: window(range, RANGE) } })),
    placeholderData: keepPreviousData,
  });

export const callsQuery = queryOptions({
  queryKey: ["calls"],
  queryFn: () => answer(api.GET("/v1/calls/explain", { params: { query: { limit: 0 } } })),
  refetchInterval: 3_000,
});

/** How every service is called, and what else is known of each. What only makes it richer is not waited for. */
export function useServices(range: Range) {
  const calls = useQuery(callsQuery);
  const map = useQuery(mapQuery(range));
  const status = useQuery(statusQuery);
  const system = useQuery(systemQuery);
  const sources = { calls: calls.data, map: map.data, status: status.data, system: system.data };
  const known: Known[] = gather(sources);
  return { calls, map, status, known };
}
