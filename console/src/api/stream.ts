import { EventSourceParserStream } from "eventsource-parser/stream";
import { bearer } from "./client";
import { Problem } from "./problem";

/** How long to wait before a broken stream is opened again: soon at first, then rarer. */
const AGAIN_MS = [500, 1_000, 2_000, 5_000];

export interface Listener {
  /** One event. */
  data: (data: string, id: string | undefined) => void;
  /** Is the stream open? */
  open?: (open: boolean) => void;
}

/**
 * Follows server-sent events until the returned function is called, and goes on behind the last event seen when the
 * connection breaks. The browser's own EventSource cannot send a token.
 */
export function follow(path: string, listener: Listener): () => void {
  const ended = new AbortController();
  let last: string | undefined;
  const once = async () => {
    const headers = { accept: "text/event-stream", ...bearer(), ...(last ? { "last-event-id": last } : {}) };
    const response = await fetch(path, { headers, signal: ended.signal });
    if (!response.ok || !response.body) throw Problem.refused(response.status, await response.json().catch(() => null));
    listener.open?.(true);
    const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    const reader = events.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      last = value.id ?? last;
      listener.data(value.data, value.id);
    }
  };
  const always = async () => {
    for (let failures = 0; !ended.signal.aborted; failures += 1) {
      const began = Date.now();
      await once().catch(() => undefined);
      if (ended.signal.aborted) return;
      listener.open?.(false);
      if (Date.now() - began > 10_000) failures = 0;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]));
    }
  };
  void always();
  return () => ended.abort();
}
