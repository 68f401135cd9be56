import { queryOptions } from "@tanstack/react-query";
import { answer, answerLossless, api, type Schemas } from "../../api/client";
import { write } from "../../api/json";
import { SAGAS } from "../../app/changes";
import type { Language } from "../../text";

export type Saga = Schemas["Saga"];
export type SagaStep = Schemas["Step"];
export type Attempt = Schemas["Attempt"];

/** One saga as it stands; its input and outputs with numbers as they were written (`api/json`). */
export const sagaQuery = (id: string) =>
  queryOptions({
    queryKey: [SAGAS, "one", id],
    queryFn: () => answerLossless<Saga>(api.GET("/v1/sagas/{id}", { params: { path: { id } }, parseAs: "text" })),
    // The same object while nothing changed. Not member by member, as it is otherwise done: that loses a member `__proto__`.
    structuralSharing: (before, after) => (write(before) === write(after) ? before : after),
  });

/** A sentence of a story, and the command that goes with it. */
export interface Advice {
  text: string;
  command?: string | null;
}

/** A story in its parts, as `ondol why` tells it. */
export interface Story {
  headline: string;
  failing: { service: string; step: string; stage: string; reason: string; text: string[] } | null;
  retried: { service: string; step: string; attempts: number; ok: boolean; text: string }[];
  undone: string[];
  left: string[];
  next: Advice[];
}

/** What became of it, in words. Asked again when it moves: `seq` is a part of the key. */
export const storyQuery = (id: string, language: Language, seq: number) =>
  queryOptions({
    queryKey: ["story", id, language, seq],
    queryFn: async () => {
      const why = await answer(api.GET("/v1/telemetry/why/{id}", { params: { path: { id }, query: { lang: language } } }));
      return why.story as Story;
    },
    placeholderData: (before) => before,
  });

export const eventsQuery = (id: string) =>
  queryOptions({
    queryKey: [SAGAS, "events", id],
    queryFn: async () => (await answer(api.GET("/v1/sagas/{id}/events", { params: { path: { id } } }))).events,
  });

/** Its trace; spans of what is under way come later. */
export const traceQuery = (id: string, open: boolean) =>
  queryOptions({
    queryKey: ["trace", id],
    queryFn: () => answer(api.GET("/v1/telemetry/traces/{id}", { params: { path: { id } } })),
    refetchInterval: open ? 3_000 : false,
    enabled: id !== "",
  });
