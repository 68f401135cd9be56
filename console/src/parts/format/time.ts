/** Moments come as RFC 3339, or as nanoseconds since 1970 in decimal (telemetry). */
export const millis = (moment: string): number =>
  /^\d+$/.test(moment) ? Number(BigInt(moment) / 1_000_000n) : Date.parse(moment);

const two = (value: number) => value.toString().padStart(2, "0");

/** `14:03:09.120`, in the browser's time zone. */
export function clock(ms: number, withMillis = true): string {
  const at = new Date(ms);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return withMillis ? `${time}.${at.getMilliseconds().toString().padStart(3, "0")}` : time;
}

/** `2026-11-25` */
export function day(ms: number): string {
  const at = new Date(ms);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Time of day for today, with the date before for any other day. */
export function moment(ms: number, now: number, withMillis = false): string {
  const time = clock(ms, withMillis);
  return day(ms) === day(now) ? time : `${day(ms)} ${time}`;
}
