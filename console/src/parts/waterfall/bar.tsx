import { useText } from "../../text";
import { colourOf } from "../colour-of";
import { duration } from "../format/duration";
import type { Node } from "./tree";
import css from "./waterfall.module.css";

/** When a span ran: a bar on the common axis, and a line in it where everything waited for it. */
export function Bar({ node, length }: { node: Node; length: number }) {
  const { waterfall } = useText().traces;
  const { span, start, end, critical, failed } = node;
  const of = (value: number) => `${(100 * value) / length}%`;
  const took = duration(span.duration_ns);
  // The length stands behind the bar, or before it where there is no room behind.
  const behind = end / length < 0.8 || start / length < 0.12;
  const inside = behind && end / length >= 0.88;
  return (
    <div role="gridcell" className={css.time}>
      <div className={css.lane}>
        <span className={css.bar} data-failed={failed || undefined} style={{ left: of(start), width: of(end - start), "--of": colourOf(span.service) } as React.CSSProperties} />
        {critical.map(([from, to]) => (
          <span key={from} className={css.critical} style={{ left: of(from), width: of(to - from) }} />
        ))}
        <span
          className={css.took}
          data-inside={inside || undefined}
          style={inside ? { right: 6 } : behind ? { left: `calc(${of(end)} + 6px)` } : { right: `calc(${of(length - start)} + 6px)` }}
        >
          <span className="seen-by-readers">{`${waterfall.after(duration(start))}, ${waterfall.took} `}</span>
          {took}
          {critical.length ? <span className="seen-by-readers">{`, ${waterfall.critical}`}</span> : null}
        </span>
      </div>
    </div>
  );
}
