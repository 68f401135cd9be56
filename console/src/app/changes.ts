import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { follow } from "../api/stream";

/** First member of the keys of what changes when a saga moves. */
export const SAGAS = "sagas";

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
        data: () => void queries.invalidateQueries({ queryKey: [SAGAS] }, { cancelRefetch: false }),
      }),
    [queries],
  );
  return open;
}
