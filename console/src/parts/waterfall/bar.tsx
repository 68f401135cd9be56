import { useText } from "../../text";
import { colourOf } from "../colour-of";
import { duration } from "../format/duration";
import type { Scale } from "./scale";
import type { Node } from "./tree";
import css from "./waterfall.module.css";

const part = (of: number) => `${(100 * of).toFixed(3)}%`;

/** When a span ran: a bar on the common axis, and a line in it where everything waited for it. */
export function Bar({ node, scale }: { node: Node; scale: Scale }) {
  const { waterfall } = useText().traces;
  const { span, start, end, critical, failed } = node;
  const [from, to] = [scale.at(start), scale.at(end)];
  const took = duration(span.duration_ns);
  // The length stands behind the bar, or before it where there is no room behind.
  const behind = to < 0.8 || from < 0.12;
  const inside = behind && to >= 0.88;
  return (
    <div role="gridcell" className={css.time}>
      <div className={css.lane}>
        <span className={css.bar} data-failed={failed || undefined} style={{ left: part(from), width: part(to - from), "--of": colourOf(span.service) } as React.CSSProperties} />
        {critical.map(([begins, ends]) => (
          <span key={begins} className={css.critical} style={{ left: part(scale.at(begins)), width: part(scale.at(ends) - scale.at(begins)) }} />
        ))}
        <span
          className={css.took}
          data-inside={inside || undefined}
          style={inside ? { right: 6 } : behind ? { left: `calc(${part(to)} + 6px)` } : { right: `calc(${part(1 - from)} + 6px)` }}
        >
          <span className="seen-by-readers">{`${waterfall.after(duration(start))}, ${waterfall.took} `}</span>
          {took}
          {critical.length ? <span className="seen-by-readers">{`, ${waterfall.critical}`}</span> : null}
        </span>
      </div>
    </div>
  );
}
