import type { Saga } from "./query";

/** A stretch of time of one half: an attempt, or the wait before the next one. */
export interface Stretch {
  kind: "attempt" | "wait";
  half: string;
  number: number;
  outcome: string;
  reason: string;
  from: number;
  to: number;
}

/** A step with what was done for it, in order. */
export interface TimelineRow {
  step: string;
  service: string;
  stretches: Stretch[];
}

export interface Timeline {
  from: number;
  to: number;
  rows: TimelineRow[];
}

const millis = (text: string | null | undefined, otherwise: number): number => (text ? Date.parse(text) : otherwise);

/**
 * When each attempt was under way, and how long was waited between them, all on one axis. What is under way, and the wait
 * for an attempt that is due, reach to `now`.
 */
export function timeline(saga: Saga, now: number): Timeline {
  const from = Date.parse(saga.created_at);
  const rows = saga.steps
    .filter((step) => step.attempts.length > 0)
    .map(({ name, service, attempts }) => ({
      step: name,
      service,
      stretches: attempts.flatMap((attempt, at): Stretch[] => {
        const began = Date.parse(attempt.started_at);
        const ended = millis(attempt.ended_at, now);
        const base = { half: attempt.half, number: attempt.number, outcome: attempt.outcome, reason: attempt.reason ?? "" };
        const one: Stretch = { ...base, kind: "attempt", from: began, to: ended };
        const next = attempts[at + 1];
        const again = next?.half === attempt.half ? Date.parse(next.started_at) : attempt.follows?.then === "retry" && !next ? now : null;
        return again !== null && again > ended ? [one, { ...base, kind: "wait", from: ended, to: again }] : [one];
      }),
    }));
  const ends = rows.flatMap((row) => row.stretches.map((stretch) => stretch.to));
  const to = Math.max(from + 1, ...ends, millis(saga.ended_at, from));
  return { from, to, rows };
}
