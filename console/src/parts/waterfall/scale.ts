import { ticks } from "./ticks";
import type { Node, Tree } from "./tree";

/** From nanoseconds since the beginning of a trace to parts of the axis. */
export interface Scale {
  at: (ns: number) => number;
  /** Moments that are named on the axis. */
  named: number[];
  /** Idle stretches that were squeezed, in parts of the axis. */
  gaps: [number, number][];
}

export const linear = (length: number, most: number): Scale => ({ at: (ns) => ns / length, named: ticks(length, most), gaps: [] });

type Stretch = [number, number];

/** Shorter traces are read well as they are. */
const LENGTH_MIN_NS = 1e9;
/** The longest idle stretch is squeezed while it takes this part of what is left of the axis; a short one never. */
const GAP_OF_REST = 0.01;
const GAP_MIN_NS = 20e6;
const GAPS_MAX = 60;
/** What one squeezed stretch takes of the axis, and all of them together. */
const GAP_DRAWN = 0.025;
const GAPS_DRAWN_MAX = 0.35;
/** It is worth it where so much of the time is idle. */
const IDLE_WORTH = 0.6;

/** Ondol's own spans of a saga and its steps go on while they wait for the next attempt. */
const waits = ({ span }: Node): boolean => span.scope === "ondol.saga" && span.kind === "internal";

/** Stretches in which nothing runs or only waits, if they are most of the trace: a saga that tries again and again. */
export function idle({ nodes, length }: Tree): Stretch[] {
  if (length < LENGTH_MIN_NS) return [];
  const gaps: Stretch[] = [];
  let until = 0;
  for (const { start, end } of nodes.filter((node) => !waits(node)).sort((a, b) => a.start - b.start)) {
    if (start > until) gaps.push([until, start]);
    until = Math.max(until, end);
  }
  if (length > until) gaps.push([until, length]);
  gaps.sort((a, b) => b[1] - b[0] - (a[1] - a[0]));
  let rest = length;
  const taken: Stretch[] = [];
  for (const gap of gaps.slice(0, GAPS_MAX)) {
    const long = gap[1] - gap[0];
    if (long < rest * GAP_OF_REST || long < GAP_MIN_NS) break;
    taken.push(gap);
    rest -= long;
  }
  return length - rest < length * IDLE_WORTH ? [] : taken.sort((a, b) => a[0] - b[0]);
}

/** An axis on which idle stretches take little room, so that what was done can be seen. */
export function squeezed(length: number, gaps: Stretch[], most: number): Scale {
  const drawn = Math.min(GAPS_DRAWN_MAX, gaps.length * GAP_DRAWN);
  const busy = Math.max(1, length - gaps.reduce((sum, [from, to]) => sum + to - from, 0));
  const knots: { ns: number; part: number }[] = [{ ns: 0, part: 0 }];
  const parts: [number, number][] = [];
  let ns = 0;
  let part = 0;
  for (const [from, to] of gaps) {
    const begins = part + ((from - ns) / busy) * (1 - drawn);
    const ends = begins + drawn / gaps.length;
    knots.push({ ns: from, part: begins }, { ns: to, part: ends });
    parts.push([begins, ends]);
    [ns, part] = [to, ends];
  }
  knots.push({ ns: length, part: 1 });
  const at = (wanted: number) => between(knots, wanted);
  return { at, named: apart([0, ...gaps.map(([, to]) => to)].filter((moment) => moment < length), at, 0.55 / most), gaps: parts };
}

function between(knots: { ns: number; part: number }[], wanted: number): number {
  let low = 0;
  let high = knots.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((knots[middle]?.ns ?? 0) <= wanted) low = middle;
    else high = middle;
  }
  const [from, to] = [knots[low], knots[high]];
  if (!from || !to || to.ns === from.ns) return from?.part ?? 0;
  return from.part + ((wanted - from.ns) / (to.ns - from.ns)) * (to.part - from.part);
}

/** Those of some moments whose labels do not lie on each other. */
function apart(moments: number[], at: (ns: number) => number, room: number): number[] {
  const kept: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const moment of moments) {
    const part = at(moment);
    if (part - last < room || part > 1 - room * 0.7) continue;
    kept.push(moment);
    last = part;
  }
  return kept;
}
