import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { colour } from "../../parts/badge";
import { duration } from "../../parts/format/duration";
import { rate } from "../../parts/format/number";
import { useText } from "../../text";
import css from "./map.module.css";
import type { CallView } from "./query";
import { failedShare, stateOf, TONES } from "./state";

export type CallEdgeOf = Edge<{ call: CallView; seconds: number; named: boolean; away: boolean }, "call">;

/** How far along its line a call's figures stand. */
const ALONG = 0.66;

/** A point of the curve in one direction: across, where it bends, or along. */
function between(from: number, to: number, bends: boolean): number {
  const [t, u] = [ALONG, 1 - ALONG];
  const middle = (from + to) / 2;
  const [first, second] = bends ? [from, to] : [middle, middle];
  return u ** 3 * from + 3 * u * u * t * first + 3 * u * t * t * second + t ** 3 * to;
}

/** A call on the map: how often, how many fail, how long. */
export function CallEdge({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, markerEnd, style, data }: EdgeProps<CallEdgeOf>) {
  const { map } = useText();
  const [path] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  // Near the callee the lines of one caller have parted, so that it is plain which line is meant.
  const x = between(sourceX, targetX, false);
  const y = between(sourceY, targetY, true);
  if (!data) return null;
  const { call, seconds, named, away } = data;
  return (
    <>
      <BaseEdge path={path} {...(markerEnd ? { markerEnd } : {})} style={{ ...style, opacity: away ? 0.2 : 1 }} />
      {named ? (
        <EdgeLabelRenderer>
          <div aria-hidden className={css.label} data-away={away || undefined} style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}>
            {rate(call.requests, seconds)}
            {call.errors ? <b style={{ color: colour(TONES[stateOf(call)]) }}>{map.failed(failedShare(call))}</b> : null}
            <span>p95 {duration(call.p95_ns)}</span>
          </div>
        </EdgeLabelRenderer>
      ) : null}
    </>
  );
}
