import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import { SAGAS } from "../../app/changes";

export type Cause = Schemas["Cause"];
export type Batch = Schemas["Batch"];
export type SagaRow = Schemas["SagaRow"];

const PAGE = 200;

/** Everything that needs a person, by cause. */
export const causesQuery = queryOptions({
  queryKey: [SAGAS, "causes"],
  queryFn: () => answer(api.GET("/v1/sagas/causes")),
});

/** The sagas of one cause. */
export const ofCauseQuery = (cause: string) =>
  infiniteQueryOptions({
    queryKey: [SAGAS, "of cause", cause],
    queryFn: ({ pageParam }) => answer(api.GET("/v1/sagas", { params: { query: { cause, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
    // The server says when something moved; a list that was read further stands still.
    refetchInterval: false,
  });

export const batchesQuery = queryOptions({
  queryKey: [SAGAS, "batches"],
  queryFn: () => answer(api.GET("/v1/batches")),
  refetchInterval: 1_500,
});
