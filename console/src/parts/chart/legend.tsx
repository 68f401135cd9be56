import { count } from "../format/number";
import type { Series } from "./bars";
import css from "./bars.module.css";

/** What the colours mean, and how much of each there is: what the picture says, in words. */
export function Legend({ series, totals }: { series: Series[]; totals: number[] }) {
  return (
    <figcaption className={css.legend}>
      {series.map(({ key, label, colour }, at) => (
        <span key={key} className={css.entry}>
          <span className={css.dot} style={{ background: colour }} aria-hidden />
          {label} <b className="numbers">{count(totals[at] ?? 0)}</b>
        </span>
      ))}
    </figcaption>
  );
}
