import { useText } from "../text";
import { age } from "./format/duration";
import { day, clock, millis, moment } from "./format/time";
import { useNow } from "./now";

/** A moment as its age, with the whole time on hover and for screen readers' long form. */
export function Ago({ at }: { at: string }) {
  const { common } = useText();
  const now = useNow();
  const ms = millis(at);
  const away = now - ms;
  const text = Math.abs(away) < 1_000 ? common.now : away > 0 ? common.ago(age(away)) : common.inTime(age(-away));
  return (
    <time className="numbers" dateTime={new Date(ms).toISOString()} title={`${day(ms)} ${clock(ms)}`} style={{ whiteSpace: "nowrap" }}>
      {text}
    </time>
  );
}

/** A moment as its time of day. */
export function Moment({ at, withMillis }: { at: string; withMillis?: boolean }) {
  const now = useNow();
  const ms = millis(at);
  return (
    <time className="numbers" dateTime={new Date(ms).toISOString()} title={`${day(ms)} ${clock(ms)}`} style={{ whiteSpace: "nowrap" }}>
      {moment(ms, now, withMillis)}
    </time>
  );
}
