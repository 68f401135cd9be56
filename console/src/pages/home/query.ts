import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { SAGAS } from "../../app/changes";

/** Sagas by the minute, of the last hour by the server's clock. */
export const figuresQuery = queryOptions({
  queryKey: [SAGAS, "figures"],
  queryFn: () => answer(api.GET("/v1/sagas/figures", { params: { query: { step: "1m" } } })),
});

/** What needs a person, by cause. */
export const causesQuery = queryOptions({
  queryKey: [SAGAS, "causes"],
  queryFn: () => answer(api.GET("/v1/sagas/causes")),
});

/** The newest sagas that did not simply complete. */
export const failuresQuery = queryOptions({
  queryKey: [SAGAS, "failures"],
  queryFn: () => answer(api.GET("/v1/sagas", { params: { query: { status: "compensated,compensating,parked", limit: 8 } } })),
});

export const mapQuery = queryOptions({
  queryKey: ["map", "-15m"],
  queryFn: () => answer(api.GET("/v1/telemetry/map", { params: { query: { from: "-15m" } } })),
});

export const callsQuery = queryOptions({
  queryKey: ["calls"],
  queryFn: () => answer(api.GET("/v1/calls/explain", { params: { query: { limit: 0 } } })),
});
