import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, answerLossless, api, type Schemas } from "../../api/client";
import { SAGAS } from "../../app/changes";

export const systemQuery = queryOptions({ queryKey: ["system"], queryFn: () => answer(api.GET("/v1/system")) });

export const definitionsQuery = queryOptions({
  queryKey: ["definitions"],
  queryFn: () => answer(api.GET("/v1/definitions")),
});

/** One version of a definition, the newest where none is said. A version never changes. */
export const definitionQuery = (name: string, version?: number) =>
  queryOptions({
    queryKey: ["definitions", name, version ?? "newest"],
    queryFn: () =>
      version === undefined
        ? answer(api.GET("/v1/definitions/{name}", { params: { path: { name } } }))
        : answer(api.GET("/v1/definitions/{name}/versions/{version}", { params: { path: { name, version } } })),
    staleTime: version === undefined ? 1_000 : Number.POSITIVE_INFINITY,
    placeholderData: version === undefined ? undefined : keepPreviousData,
  });

/** Its unfinished sagas, as many as a page tells at most. */
export const OPEN_MAX = 100;
export const openQuery = (definition: string) =>
  queryOptions({
    queryKey: [SAGAS, "open", definition],
    queryFn: () => answer(api.GET("/v1/sagas", { params: { query: { definition, status: "open", limit: OPEN_MAX } } })),
  });

/** The input of its newest saga, to start another like it. */
export const exampleQuery = (definition: string) =>
  queryOptions({
    queryKey: ["example", definition],
    queryFn: async () => {
      const { sagas } = await answer(api.GET("/v1/sagas", { params: { query: { definition, limit: 1 } } }));
      const id = sagas[0]?.id;
      if (id === undefined) return null;
      const { input } = await answerLossless<Schemas["Saga"]>(api.GET("/v1/sagas/{id}", { params: { path: { id } }, parseAs: "text" }));
      return { id, input };
    },
    // An input may have a member of any name (see `sagaQuery`).
    structuralSharing: false,
    refetchInterval: false,
  });
