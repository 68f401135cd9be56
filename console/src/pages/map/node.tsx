import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { colour } from "../../parts/badge";
import { colourOf } from "../../parts/colour-of";
import { duration } from "../../parts/format/duration";
import { rate } from "../../parts/format/number";
import { useText } from "../../text";
import { NODE } from "./layout";
import css from "./map.module.css";
import type { ServiceView } from "./query";
import { failedShare, ICONS, stateOf, TONES } from "./state";

export type ServiceNodeOf = Node<{ service: ServiceView; seconds: number; chosen: boolean; away: boolean }, "service">;

/** A service on the map. */
export function ServiceNode({ data: { service, seconds, chosen, away } }: NodeProps<ServiceNodeOf>) {
  const { map } = useText();
  const state = stateOf(service);
  const Icon = ICONS[state];
  return (
    <div aria-hidden className={css.node} style={{ ...NODE, "--of": colour(TONES[state]) } as React.CSSProperties} data-chosen={chosen || undefined} data-away={away || undefined}>
      <Handle type="target" position={Position.Left} className={css.handle} />
      <div className={css.nodeName}>
        <span className={css.dot} style={{ background: colourOf(service.service) }} />
        <span className="cut">{service.service}</span>
      </div>
      <div className={css.nodeState}>
        <Icon size={13} stroke={2.2} />
        {state === "well" || state === "quiet" ? map.states[state] : map.failed(failedShare(service))}
      </div>
      <div className={css.nodeFigures}>
        <span>{rate(service.requests, seconds)}</span>
        <span>p95 {duration(service.p95_ns)}</span>
      </div>
      <Handle type="source" position={Position.Right} className={css.handle} />
    </div>
  );
}
