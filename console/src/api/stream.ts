import { EventSourceParserStream } from "eventsource-parser/stream";
import { bearer } from "./client";
import { Problem } from "./problem";

/** How long to wait before a broken stream is opened again: soon at first, then rarer. */
const AGAIN_MS = [500, 1_000, 2_000, 5_000];

/** The server says something every 15 s. A connection that is silent for so long is none, though nobody ended it. */
const SILENCE_MS = 45_000;

export interface Listener {
  /** One event. */
  data: (data: string, id: string | undefined) => void;
  /** Is the stream open? */
  open?: (open: boolean) => void;
}

/** What a stream needs of the browser. */
export interface Means {
  fetch: (path: string, options: { headers: Record<string, string>; signal: AbortSignal }) => Promise<Response>;
  /** Calls after so many milliseconds, unless the returned function is called before. */
  after: (ms: number, call: () => void) => () => void;
}

const BROWSER: Means = {
  fetch: (path, options) => fetch(path, options),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Follows server-sent events until the returned function is called, and goes on behind the last event seen when the
 * connection breaks or falls silent. The browser's own EventSource cannot send a token.
 */
export function follow(path: string, listener: Listener, means: Means = BROWSER): () => void {
  const ended = new AbortController();
  let last: string | undefined;
  const once = async () => {
    const connection = new AbortController();
    const signal = AbortSignal.any([ended.signal, connection.signal]);
    let calm = () => {};
    const heard = () => {
      calm();
      calm = means.after(SILENCE_MS, () => connection.abort());
    };
    try {
      heard();
      const headers = { accept: "text/event-stream", ...bearer(), ...(last ? { "last-event-id": last } : {}) };
      const response = await means.fetch(path, { headers, signal });
      if (!response.ok || !response.body) throw Problem.refused(response.status, await response.json().catch(() => null));
      listener.open?.(true);
      const reader = response.body
        .pipeThrough(hears(heard), { signal })
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream())
        .getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done || ended.signal.aborted) return;
        last = value.id ?? last;
        listener.data(value.data, value.id);
      }
    } finally {
      calm();
      // Whatever broke it: nothing of this connection is left when the next is opened.
      connection.abort();
    }
  };
  const always = async () => {
    for (let failures = 0; !ended.signal.aborted; failures += 1) {
      const began = Date.now();
      await once().catch(() => undefined);
      if (ended.signal.aborted) return;
      listener.open?.(false);
      if (Date.now() - began > 10_000) failures = 0;
      const pause = AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)] ?? 0;
      await new Promise<void>((resolve) => void means.after(pause, resolve));
    }
  };
  void always();
  return () => ended.abort();
}

/** Heartbeats are no events, so what comes is heard before it is read. */
const hears = (heard: () => void) =>
  new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform: (chunk, out) => {
      heard();
      out.enqueue(chunk);
    },
  });
