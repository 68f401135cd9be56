import { type Edge, MarkerType, type Node } from "@xyflow/react";
import { colour } from "../../parts/badge";
import type { CallEdgeOf } from "./edge";
import type { Layout } from "./layout";
import type { ServiceNodeOf } from "./node";
import type { ServiceMap } from "./query";
import { stateOf, TONES } from "./state";

/** Services as boxes; those that have nothing to do with the chosen one step back. */
export function nodesOf(map: ServiceMap, seconds: number, selected: string | undefined, placed: Layout): ServiceNodeOf[] {
  const near = new Set([selected, ...map.calls.flatMap(({ from, to }) => (from === selected ? [to] : to === selected ? [from] : []))]);
  return map.services.map(
    (service): Node<ServiceNodeOf["data"], "service"> => ({
      id: service.service,
      type: "service",
      position: placed.at.get(service.service) ?? { x: 0, y: 0 },
      data: { service, seconds, chosen: service.service === selected, away: selected !== undefined && !near.has(service.service) },
    }),
  );
}

/** Calls as lines, as thick as they are frequent. */
export function edgesOf(map: ServiceMap, seconds: number, selected: string | undefined, named: boolean): CallEdgeOf[] {
  const most = Math.max(1, ...map.calls.map((call) => call.requests));
  return map.calls
    .filter(({ from, to }) => from !== to)
    .map((call): Edge<CallEdgeOf["data"] & Record<string, unknown>, "call"> => {
      const stroke = colour(TONES[stateOf(call)]);
      return {
        id: `${call.from} ${call.to}`,
        type: "call",
        source: call.from,
        target: call.to,
        ariaLabel: `${call.from} → ${call.to}`,
        markerEnd: { type: MarkerType.ArrowClosed, color: stroke, width: 14, height: 14, markerUnits: "userSpaceOnUse" },
        style: { stroke, strokeWidth: 1.2 + 2 * Math.sqrt(call.requests / most) },
        data: { call, seconds, named, away: selected !== undefined && call.from !== selected && call.to !== selected },
      };
    }) as CallEdgeOf[];
}
