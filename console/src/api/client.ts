import createClient, { type Middleware } from "openapi-fetch";
import { DEPTH_MAX, read, write } from "./json";
import { Problem } from "./problem";
import type { components, paths } from "./schema";
import { token } from "./token";

export type Schemas = components["schemas"];

/** An answer that takes longer counts as none: a page says so and asks again. */
const ANSWER_WITHIN_MS = 20_000;

export const bearer = (): Record<string, string> => {
  const value = token.get();
  return value ? { authorization: `Bearer ${value}` } : {};
};

const authorize: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(bearer())) request.headers.set(name, value);
    return request;
  },
};

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  // Numbers leave as they were typed.
  bodySerializer: (body) => write(body),
  fetch: (request) => fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]) }),
});
api.use(authorize);

type Result<T> = { data?: T; error?: unknown; response: Response };

/** The data of an answer; anything else is thrown as a `Problem`. */
export async function answer<T>(asked: Promise<Result<T>>): Promise<T> {
  const result = await asked.catch((error: unknown) => {
    throw Problem.unreachable(error);
  });
  if (!result.response.ok || result.data === undefined) throw Problem.refused(result.response.status, result.error);
  return result.data;
}

/** What an answer has around a payload: of a saga, of its steps, of a step. */
const AROUND_MAX = 8;

/**
 * The data of an answer that was asked for with `parseAs: "text"`, with payloads as they were written: a number that a
 * double would change is an `Exact`. All numbers that the API itself has come back as they are in `answer`.
 */
export async function answerLossless<T>(asked: Promise<Result<string>>): Promise<T> {
  const text = await answer(asked);
  try {
    return read(text, DEPTH_MAX + AROUND_MAX) as T;
  } catch (error) {
    throw Problem.unreachable(error);
  }
}
