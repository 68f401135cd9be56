// What stands in an address behind the question mark. A page says which members it knows; anything else is dropped, so
// that an old or mistyped link opens the page instead of an error.
type Raw = Record<string, unknown>;

/** Text, or nothing where it is missing or empty. */
export function text(raw: Raw, name: string): string | undefined {
  const value = raw[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** One of some words. */
export function word<W extends string>(raw: Raw, name: string, words: readonly W[]): W | undefined {
  return words.find((one) => one === raw[name]);
}

/** Is a switch on? */
export const flag = (raw: Raw, name: string): true | undefined => (raw[name] === true || raw[name] === "true" || raw[name] === "1" ? true : undefined);

export const RANGES = ["15m", "1h", "6h", "24h", "7d"] as const;
export type RangeName = (typeof RANGES)[number];

/** A span of time: the last so long, or from and to (RFC 3339). */
export interface Range {
  since?: RangeName | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export function range(raw: Raw): Range {
  const [from, to] = [moment(raw, "from"), moment(raw, "to")];
  if (!from || (to && Date.parse(to) <= Date.parse(from))) return { since: word(raw, "since", RANGES) };
  return { from, to };
}

/** A moment that can be read. */
function moment(raw: Raw, name: string): string | undefined {
  const value = text(raw, name);
  return value && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

/** A span as the API takes it. */
export function window(of: Range, otherwise: RangeName = "1h"): { from: string; to?: string } {
  if (of.from) return of.to ? { from: of.from, to: of.to } : { from: of.from };
  return { from: `-${of.since ?? otherwise}` };
}

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** How long a span is, in milliseconds. */
export function length(of: Range, now: number, otherwise: RangeName = "1h"): number {
  if (of.from) return (of.to ? Date.parse(of.to) : now) - Date.parse(of.from);
  const name = of.since ?? otherwise;
  return Number.parseInt(name, 10) * (UNITS[name.slice(-1)] ?? 0);
}
