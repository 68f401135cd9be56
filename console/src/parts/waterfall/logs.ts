import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { REFRESH_MS } from "../../app/queries";
import { millis } from "../format/time";
import type { WholeTrace } from "./model";
import type { Tree } from "./tree";

/** So many lines of a trace are looked at; the rest is in Logs. */
export const LINES_MAX = 1_000;

/** Clocks differ, and what ran on after the last span still belongs to it. */
const AROUND_MS = 60_000;

/** A trace that ended this long ago gets no more lines, mostly. */
const SETTLED_MS = 5 * 60_000;

/** The log lines of a trace, asked once for all of its spans. */
export function useTraceLogs(trace: WholeTrace | undefined) {
  const id = trace?.trace_id ?? "";
  const first = trace?.spans[0]?.start_ns;
  const query = useQuery({
    queryKey: ["telemetry", "trace-logs", id],
    queryFn: () =>
      answer(
        api.GET("/v1/telemetry/logs", {
          params: { query: { q: `trace:${id}`, limit: LINES_MAX, ...(first ? { from: new Date(millis(first) - AROUND_MS).toISOString() } : {}) } },
        }),
      ),
    enabled: trace !== undefined,
    refetchInterval: trace && settled(trace) ? false : REFRESH_MS,
  });
  return { logs: query.data?.logs ?? (query.error ? [] : undefined), cut: Boolean(query.data?.next_cursor) };
}

/** Has a trace ended so long ago that it will hardly change? */
export function settled(trace: WholeTrace): boolean {
  const last = trace.spans.at(-1);
  return !last || Date.now() - millis(last.start_ns) - last.duration_ns / 1e6 > SETTLED_MS;
}

/** A window for Logs that holds all of a trace. */
export function around(tree: Tree): { from: string; to: string } {
  const from = Number(tree.from / 1_000_000n);
  return { from: new Date(from - AROUND_MS).toISOString(), to: new Date(from + tree.length / 1e6 + AROUND_MS).toISOString() };
}
