import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { duration } from "../../parts/format/duration";
import { rate } from "../../parts/format/number";
import { useText } from "../../text";
import css from "./map.module.css";
import type { CallView } from "./query";
import { failedShare } from "./state";

export type CallEdgeOf = Edge<{ call: CallView; seconds: number; away: boolean }, "call">;

/** A call on the map: how often, how many fail, how long. */
export function CallEdge({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, markerEnd, style, data }: EdgeProps<CallEdgeOf>) {
  const { map } = useText();
  const [path, x, y] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  if (!data) return null;
  const { call, seconds, away } = data;
  return (
    <>
      <BaseEdge path={path} {...(markerEnd ? { markerEnd } : {})} style={{ ...style, opacity: away ? 0.2 : 1 }} />
      <EdgeLabelRenderer>
        <div className={css.label} data-away={away || undefined} style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}>
          {rate(call.requests, seconds)}
          {call.errors ? <b>{map.failed(failedShare(call))}</b> : null}
          <span>p95 {duration(call.p95_ns)}</span>
        </div>
      </EdgeLabelRenderer>
    </>
  );
}
