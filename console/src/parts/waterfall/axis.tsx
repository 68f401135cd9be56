import { useText } from "../../text";
import { duration } from "../format/duration";
import type { Scale } from "./scale";
import css from "./waterfall.module.css";

/** The head of the tree: the axis that all bars share. */
export function Axis({ scale }: { scale: Scale }) {
  const { waterfall } = useText().traces;
  return (
    <div role="rowgroup" className={css.axis}>
      <div role="row" aria-rowindex={1} className={css.head}>
        <div role="columnheader" className={css.headName}>
          {waterfall.name}
        </div>
        <div role="columnheader" className={css.time}>
          <span className="seen-by-readers">{waterfall.time}</span>
          <div className={css.lane} aria-hidden>
            {scale.named.map((at) => (
              <span key={at} className={css.tick} style={{ left: `${100 * scale.at(at)}%` }}>
                {at === 0 ? "0" : duration(at)}
              </span>
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

/** Where idle time was squeezed, behind all rows. */
export function Gaps({ scale }: { scale: Scale }) {
  if (scale.gaps.length === 0) return null;
  return (
    <div className={css.gaps} aria-hidden>
      <span />
      <span className={css.time}>
        <span className={css.gapLane}>
          {scale.gaps.map(([from, to]) => (
            <span key={from} className={css.gap} style={{ left: `${100 * from}%`, width: `${100 * (to - from)}%` }} />
          ))}
        </span>
      </span>
    </div>
  );
}
