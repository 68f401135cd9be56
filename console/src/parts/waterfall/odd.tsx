import { useText } from "../../text";
import { duration } from "../format/duration";
import { count } from "../format/number";
import css from "./failing.module.css";
import type { Analysis } from "./model";

const SHIFTS_SHOWN_MAX = 3;

/** What may make the picture differ from what happened. */
export function Odd({ analysis }: { analysis: Analysis }) {
  const { odd } = useText().traces.said;
  const { verdict, rooted, orphans, duplicates, cycles, shifts, shifted } = analysis;
  if (verdict === "empty") return null;
  const shown = shifts.slice(0, SHIFTS_SHOWN_MAX);
  const notes = [
    rooted ? "" : odd.unrooted,
    rooted && orphans > 0 ? odd.orphans(count(orphans)) : "",
    duplicates > 0 ? odd.duplicates(count(duplicates)) : "",
    cycles.length > 0 ? odd.cycles(count(cycles.length)) : "",
    ...shown.map(({ service, by_ns }) => odd.shifted(service, duration(Math.abs(by_ns)), by_ns < 0)),
    shifted > shown.length ? odd.shiftedMore(count(shifted - shown.length)) : "",
  ].filter(Boolean);
  if (notes.length === 0) return null;
  return (
    <ul className={`${css.notes} soft`}>
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}
