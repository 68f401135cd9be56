import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { type Range, window } from "../../app/search";
import { idOf } from "./line";

export interface Search extends Range {
  q?: string | undefined;
}

const PAGE = 200;

/** First member of the keys of what is asked about logs. */
export const LOGS = "logs";

const asked = ({ q, since, from, to }: Search) => ({ ...(q ? { q } : {}), ...window({ since, from, to }) });
const key = ({ q, since, from, to }: Search) => [q ?? "", since, from, to];

/** Pages of lines, newest first. */
export const linesQuery = (search: Search) =>
  infiniteQueryOptions({
    queryKey: [LOGS, "lines", ...key(search)],
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET("/v1/telemetry/logs", { params: { query: { ...asked(search), limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

export const histogramQuery = (search: Search) =>
  queryOptions({
    queryKey: [LOGS, "histogram", ...key(search)],
    queryFn: ({ signal }) => answer(api.GET("/v1/telemetry/logs/histogram", { params: { query: asked(search) }, signal })),
    placeholderData: keepPreviousData,
  });

export const templatesQuery = (search: Search) =>
  queryOptions({
    queryKey: [LOGS, "templates", ...key(search)],
    queryFn: ({ signal }) => answer(api.GET("/v1/telemetry/logs/templates", { params: { query: { ...asked(search), limit: 1_000 } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });

/** How many lines a query finds in a span of time. */
export const countQuery = (search: Search) =>
  queryOptions({
    queryKey: [LOGS, "count", ...key(search)],
    queryFn: ({ signal }) =>
      answer(api.GET("/v1/telemetry/logs", { params: { query: { ...asked(search), limit: 1, count: true } }, signal })).then((list) => list.matched),
    refetchInterval: false,
  });

/** A line with its neighbours of the same instance; of all instances of its service where the instance is not known yet. */
export const contextQuery = (id: string, instance: string | undefined, lines: number) =>
  queryOptions({
    queryKey: [LOGS, "context", id, instance, lines],
    queryFn: ({ signal }) => {
      const [at = "", itsKey = "", ...service] = id.split(".");
      const query = { at, key: itsKey, service: service.join("."), lines, ...(instance !== undefined ? { instance } : {}) };
      return answer(api.GET("/v1/telemetry/logs/context", { params: { query }, signal }));
    },
    placeholderData: (before) => (before?.line && idOf(before.line) === id ? before : undefined),
    // What was before stays; what comes after a line of this minute may still come.
    refetchInterval: false,
  });

/** The saga that a trace belongs to; null where it is none's. */
export const sagaOfTraceQuery = (trace: string) =>
  queryOptions({
    queryKey: [LOGS, "saga-of", trace],
    queryFn: ({ signal }) => answer(api.GET("/v1/telemetry/why/{id}", { params: { path: { id: trace } }, signal })).then((why) => why.saga ?? null),
    staleTime: 60_000,
    refetchInterval: false,
  });
