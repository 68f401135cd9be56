import { type Query, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { asProblem } from "../api/problem";
import { followShared } from "../api/shared";
import { statusQuery } from "./server";
import { whileSeen } from "./while-seen";

/** First member of the keys of what changes when a saga moves. */
export const SAGAS = "sagas";

/** A list of which a person has read more than the first page stands still, so that nothing moves under the reader. */
const standsStill = (query: Query): boolean => {
  const data = query.state.data as { pages?: unknown[] } | undefined;
  return (data?.pages?.length ?? 0) > 1;
};

/**
 * Asks for sagas again whenever the server says that something moved; at most once a second, as the server sees to. A
 * hidden tab asks nothing, and once when it is seen again. Says whether the server's stream is open.
 */
export function useChanges(): boolean {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const { error } = useQuery(statusQuery);
  // Tokens are the tabs' own: a tab without one must not hold the stream for those that have one.
  const refused = error !== null && asProblem(error).cause === "unauthorized";
  useEffect(() => {
    if (refused) return;
    const askAgain = () =>
      void queries.invalidateQueries(
        { predicate: (query) => query.queryKey[0] === SAGAS && !standsStill(query) },
        { cancelRefetch: false },
      );
    return whileSeen((again) => {
      if (again) askAgain();
      return followShared("ondol-changes", "/v1/changes", { open: setOpen, data: askAgain });
    });
  }, [queries, refused]);
  return open;
}
