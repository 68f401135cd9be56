import type { Schemas } from "../../api/client";
import { millis } from "../../parts/format/time";

type Counts = Schemas["LogStep"];

const NONE = { unset: 0, trace: 0, debug: 0, info: 0, warn: 0, error: 0, fatal: 0 };
const MOST_STEPS = 2_000;

/** The counts with empty steps before and after them, so that the whole span is seen and not only where lines are. */
export function filled({ counts, step_ns }: Schemas["Histogram"], from: number, to: number): { at: number[]; counts: Omit<Counts, "from_ns">[] } {
  const step = step_ns / 1e6;
  const first = Math.floor(from / step) * step;
  const known = new Map(counts.map((one) => [Math.round(millis(one.from_ns) / step), one]));
  const steps = Math.min(MOST_STEPS, Math.max(1, Math.ceil((to - first) / step)));
  const at = Array.from({ length: steps }, (_, place) => first + place * step);
  return { at, counts: at.map((ms) => known.get(Math.round(ms / step)) ?? NONE) };
}
