import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import { REFRESH_MS } from "../../app/queries";
import { type Range, window } from "../../app/search";

export type Trace = Schemas["Trace"];

const PAGE = 100;

/** Pages of traces, the newest first. A list of which more than the first page was read stands still. */
export const tracesQuery = (q: string, range: Range) =>
  infiniteQueryOptions({
    queryKey: ["telemetry", "traces", q, range],
    queryFn: ({ pageParam }) =>
      answer(api.GET("/v1/telemetry/traces", { params: { query: { ...(q ? { q } : {}), ...window(range), limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 || state.error ? false : REFRESH_MS / 2),
    refetchOnWindowFocus: false,
  });
