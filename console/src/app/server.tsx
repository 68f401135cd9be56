import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { answer, api } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { useNow } from "../parts/now";

/** An answer that takes this long is worth a word. */
const SLOW_MS = 4_000;

export const statusQuery = {
  queryKey: ["status"],
  queryFn: () => answer(api.GET("/v1/status")),
  refetchInterval: 2_000,
};

export type Server =
  | { state: "up" }
  | { state: "asking" }
  | { state: "slow" }
  | { state: "unauthorized"; problem: Problem }
  | { state: "down"; problem: Problem; lastAt: number };

/** How it stands with the server, and everything is asked again when it comes back. */
export function useServer(): Server {
  const queries = useQueryClient();
  const status = useQuery(statusQuery);
  const now = useNow();
  const problem = status.error ? asProblem(status.error) : null;
  const well = status.isSuccess;
  const was = useRef(true);
  useEffect(() => {
    if (status.isPending) return;
    if (well && !was.current) void queries.invalidateQueries();
    was.current = well;
  }, [well, status.isPending, queries]);
  const heard = Math.max(status.dataUpdatedAt, status.errorUpdatedAt);
  if (problem?.cause === "unauthorized") return { state: "unauthorized", problem };
  if (problem?.cause === "unreachable") return { state: "down", problem, lastAt: status.dataUpdatedAt };
  if (heard && status.fetchStatus === "fetching" && now - heard > SLOW_MS) return { state: "slow" };
  return { state: status.isPending ? "asking" : "up" };
}
