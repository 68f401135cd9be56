const digits = (value: number): string =>
  value < 10 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value).toString();

/** A length of time, short: `850 µs`, `12 ms`, `3.4 s`, `2 m 5 s`, `3 h 10 m`, `4 d`. */
export function duration(ns: number): string {
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${digits(ns / 1e3)} µs`;
  if (ns < 1e9) return `${digits(ns / 1e6)} ms`;
  const seconds = ns / 1e9;
  if (seconds < 60) return `${digits(seconds)} s`;
  const whole = Math.round(seconds);
  const two = (large: number, unit: string, small: number, rest: string) =>
    small ? `${large} ${unit} ${small} ${rest}` : `${large} ${unit}`;
  if (whole < 3_600) return two(Math.floor(whole / 60), "m", whole % 60, "s");
  const minutes = Math.round(whole / 60);
  if (minutes < 1_440) return two(Math.floor(minutes / 60), "h", minutes % 60, "m");
  const hours = Math.round(minutes / 60);
  return two(Math.floor(hours / 24), "d", hours % 24, "h");
}

export const durationMs = (ms: number): string => duration(ms * 1e6);

/** A length of time in its largest unit only, for ages: `3 m`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
