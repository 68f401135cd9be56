import type { ElkNode } from "elkjs";
import type { ServiceMap } from "./query";

export const NODE = { width: 196, height: 84 };

export interface Layout {
  width: number;
  height: number;
  at: Map<string, { x: number; y: number }>;
}

/** What a layout depends on: who is there and who calls whom, and no figure. */
export function shapeOf(map: ServiceMap): string {
  const names = map.services.map(({ service }) => service);
  const calls = map.calls.map(({ from, to }) => [from, to]);
  return JSON.stringify([names.sort(), calls.map((call) => JSON.stringify(call)).sort().map((call) => JSON.parse(call) as unknown)]);
}

/** Callers left of whom they call. Where there is little room they stand closer, and parts that do not touch below each other. */
export async function layout(shape: string, narrow: boolean): Promise<Layout> {
  const [names, calls] = JSON.parse(shape) as [string[], [string, string][]];
  const { default: Elk } = await import("elkjs/lib/elk.bundled.js");
  const graph: ElkNode = {
    id: "map",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "RIGHT",
      "elk.spacing.nodeNode": "32",
      "elk.layered.spacing.nodeNodeBetweenLayers": narrow ? "64" : "210",
      "elk.aspectRatio": narrow ? "0.4" : "1.2",
      // A caller stands in the middle of whom it calls.
      "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
      "elk.layered.nodePlacement.bk.fixedAlignment": "BALANCED",
      "elk.separateConnectedComponents": "true",
      "elk.spacing.componentComponent": "40",
      "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
    },
    children: names.map((id) => ({ id, ...NODE })),
    edges: calls.filter(([from, to]) => from !== to).map(([from, to], at) => ({ id: `e${at}`, sources: [from], targets: [to] })),
  };
  const placed = await new Elk().layout(graph);
  return {
    width: placed.width ?? 0,
    height: placed.height ?? 0,
    at: new Map((placed.children ?? []).map(({ id, x = 0, y = 0 }) => [id, { x, y }])),
  };
}
