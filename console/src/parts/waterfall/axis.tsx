import { useText } from "../../text";
import { duration } from "../format/duration";
import { ticks } from "./ticks";
import css from "./waterfall.module.css";

/** The head of the tree: the axis that all bars share. */
export function Axis({ length, narrow }: { length: number; narrow: boolean }) {
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
            {ticks(length, narrow ? 3 : 5).map((at) => (
              <span key={at} className={css.tick} style={{ left: `${(100 * at) / length}%` }}>
                {at === 0 ? "0" : duration(at)}
              </span>
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}
