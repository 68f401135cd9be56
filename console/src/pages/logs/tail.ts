import { idOf, type Line } from "./line";

/** So many lines of a live tail are kept; older ones are found by a search. */
export const KEPT = 5_000;

export interface Tailed {
  /** What is shown, newest first. */
  lines: Line[];
  /** Newer lines that wait, newest first. */
  waiting: Line[];
  /** Batches that did not come, because they came too fast. */
  missed: number;
  /** Were lines dropped, so that what was found before does not follow without a gap? */
  cut: boolean;
}

export const NOTHING: Tailed = { lines: [], waiting: [], missed: 0, cut: false };

/** What was shown and waits, with what came since, in the order in which it came. */
export function arrived(before: Tailed, came: Line[], missed: number, hold: boolean): Tailed {
  const known = new Set([...before.waiting, ...before.lines].slice(0, KEPT).map(idOf));
  const fresh = came.filter((line) => {
    const id = idOf(line);
    return !known.has(id) && known.add(id);
  });
  // Lines of several services come a little out of order.
  fresh.sort((a, b) => (a.time_ns.length === b.time_ns.length ? (a.time_ns < b.time_ns ? 1 : -1) : b.time_ns.length - a.time_ns.length));
  const next = { ...before, missed: before.missed + missed, waiting: bounded([...fresh, ...before.waiting]) };
  return hold ? next : released(next);
}

/** What waited is shown. */
export function released(before: Tailed): Tailed {
  if (before.waiting.length === 0) return before;
  const all = [...before.waiting, ...before.lines];
  return { ...before, waiting: [], lines: bounded(all), cut: before.cut || all.length > KEPT };
}

const bounded = (lines: Line[]): Line[] => (lines.length > KEPT ? lines.slice(0, KEPT) : lines);
