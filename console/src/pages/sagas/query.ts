import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import { SAGAS } from "../../app/changes";
import type { Range } from "../../app/search";

export type SagaRow = Schemas["SagaRow"];

export interface Filters extends Range {
  status?: string | undefined;
  definition?: string | undefined;
  service?: string | undefined;
  q?: string | undefined;
}

const PAGE = 100;

/** Pages of a list, newest first. */
export const sagasQuery = (filters: Filters) =>
  infiniteQueryOptions({
    queryKey: [SAGAS, "list", filters],
    queryFn: ({ pageParam }) => answer(api.GET("/v1/sagas", { params: { query: { ...asked(filters), limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
    // The server says when something moved; nothing is asked for in between.
    refetchInterval: false,
  });

/** The filters as the API takes them. */
export function asked({ status, definition, service, q, ...range }: Filters) {
  // How long ago is the server's to say: the browser's clock may be wrong.
  const from = range.from ?? (range.since ? `-${range.since}` : undefined);
  return {
    ...(status ? { status } : {}),
    ...(definition ? { definition } : {}),
    ...(service ? { service } : {}),
    ...(q ? { q } : {}),
    ...(from ? { from } : {}),
    ...(range.to ? { to: range.to } : {}),
  };
}
