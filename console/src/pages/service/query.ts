import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { SAGAS } from "../../app/changes";

/** Remarkable calls that are told: all that are kept. */
const TOLD = 64;

export const explainQuery = (service: string) =>
  queryOptions({
    queryKey: ["calls", service],
    queryFn: () => answer(api.GET("/v1/calls/explain", { params: { query: { service, limit: TOLD } } })).then((data) => data.services[0] ?? null),
    refetchInterval: 3_000,
  });

/** The server looks through this many of the newest sagas that mention a service; it has no filter for the service itself. */
const LOOKED_THROUGH = 100;
export const SHOWN = 8;

export const failingQuery = (service: string) =>
  queryOptions({
    queryKey: [SAGAS, "failed at", service],
    queryFn: async () => {
      const { sagas } = await answer(api.GET("/v1/sagas", { params: { query: { q: service, limit: LOOKED_THROUGH } } }));
      return sagas.filter((saga) => saga.failed?.service === service).slice(0, SHOWN);
    },
  });
