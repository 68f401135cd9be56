import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import { length, type Range, window } from "../../app/search";

export type ServiceView = Schemas["ServiceView"];
export type CallView = Schemas["CallView"];
export type ServiceMap = Schemas["ServiceMap"];
export type Figures = Schemas["Figures"];

/** Shorter than elsewhere: a map shows how it is, not how it was. */
export const RANGE_USUAL = "15m";

export const mapQuery = (range: Range) =>
  queryOptions({
    queryKey: ["telemetry", "map", range],
    queryFn: () => answer(api.GET("/v1/telemetry/map", { params: { query: window(range, RANGE_USUAL) } })),
    placeholderData: (before) => before,
  });

/** The length of what is shown, for rates. */
export const seconds = (range: Range): number => Math.max(1, length(range, Date.now(), RANGE_USUAL) / 1_000);
