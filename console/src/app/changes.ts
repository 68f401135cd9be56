import { type Query, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { follow } from "../api/stream";

/** First member of the keys of what changes when a saga moves. */
export const SAGAS = "sagas";

/** A list of which a person has read more than the first page stands still, so that nothing moves under the reader. */
const standsStill = (query: Query): boolean => {
  const data = query.state.data as { pages?: unknown[] } | undefined;
  return (data?.pages?.length ?? 0) > 1;
};

/**
 * Asks for sagas again whenever the server says that something moved; at most once a second, as the server sees to. Says
 * whether the server's stream is open.
 */
export function useChanges(): boolean {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  useEffect(
    () =>
      follow("/v1/changes", {
        open: setOpen,
        data: () =>
          void queries.invalidateQueries(
            { predicate: (query) => query.queryKey[0] === SAGAS && !standsStill(query) },
            { cancelRefetch: false },
          ),
      }),
    [queries],
  );
  return open;
}
