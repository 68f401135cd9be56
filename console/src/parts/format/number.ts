const whole = new Intl.NumberFormat("en-US");
const compactly = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** `12,345` */
export const count = (value: number): string => whole.format(value);

/** `12.3K` where there is little room. */
export const compact = (value: number): string => (value < 10_000 ? whole.format(value) : compactly.format(value));

/** A part of a whole: `0.4 %`; nothing is `0 %`, and a little is never shown as nothing. */
export function percent(part: number, total: number): string {
  if (part === 0 || total === 0) return "0 %";
  const of = (100 * part) / total;
  if (of < 0.1) return "< 0.1 %";
  return `${of < 10 ? of.toFixed(1).replace(/\.0$/, "") : Math.round(of)} %`;
}

/** `1.4 GiB` */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  let left = value;
  for (; left >= 1024 && at < units.length - 1; at += 1) left /= 1024;
  return `${at === 0 || left >= 100 ? Math.round(left) : left.toFixed(1)} ${units[at]}`;
}

/** So many a second, from so many in a time. */
export function rate(number: number, seconds: number): string {
  const value = seconds > 0 ? number / seconds : 0;
  if (value === 0) return "0/s";
  if (value >= 0.1) return `${value < 10 ? value.toFixed(1).replace(/\.0$/, "") : whole.format(Math.round(value))}/s`;
  return `${(value * 60).toFixed(1).replace(/\.0$/, "")}/m`;
}
