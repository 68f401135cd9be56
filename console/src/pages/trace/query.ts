import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { REFRESH_MS } from "../../app/queries";
import { settled } from "../../parts/waterfall/logs";

/** A trace with this many spans is not asked for again by itself: it is tens of megabytes. */
const LARGE_SPANS = 5_000;

export const TRACE_ID = /^[0-9a-f]{32}$/;

/** One trace. While it may still grow it is asked for again. */
export const traceQuery = (id: string) =>
  queryOptions({
    queryKey: ["telemetry", "trace", id],
    queryFn: () => answer(api.GET("/v1/telemetry/traces/{id}", { params: { path: { id } } })),
    enabled: TRACE_ID.test(id),
    staleTime: REFRESH_MS,
    refetchInterval: ({ state: { data } }) => (data && (settled(data) || data.spans.length > LARGE_SPANS) ? false : REFRESH_MS),
  });

/** How it differs from those that went well; twenty traces are read for it, so it is asked once. */
export const comparisonQuery = (id: string) =>
  queryOptions({
    queryKey: ["telemetry", "comparison", id],
    queryFn: () => answer(api.GET("/v1/telemetry/traces/{id}/comparison", { params: { path: { id } } })),
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: false,
  });
