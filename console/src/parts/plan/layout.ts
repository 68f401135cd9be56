import type { ElkNode } from "elkjs/lib/elk-api";
import type { PlanStep } from "./step";

/** Every node has one size, so that a longer word of a state moves nothing. */
export const NODE = { width: 188, height: 84 };
export const GAP = { between: 44, beside: 18 };

export interface Layout {
  width: number;
  height: number;
  at: Record<string, { x: number; y: number }>;
}

/** The library that lays out. It is large, and comes when the first plan is drawn. */
export const loadElk = () => import("elkjs/lib/elk.bundled.js");

/** Where the nodes of a plan lie: left to right, in layers. */
export async function layout(steps: readonly PlanStep[]): Promise<Layout> {
  const { default: Elk } = await loadElk();
  const graph: ElkNode = await new Elk().layout({
    id: "plan",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "RIGHT",
      "elk.padding": "[top=4,left=4,bottom=4,right=4]",
      "elk.spacing.nodeNode": String(GAP.beside),
      "elk.layered.spacing.nodeNodeBetweenLayers": String(GAP.between),
      "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
      // Steps beside each other keep the order in which the file has them.
      "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
    },
    children: steps.map(({ name }) => ({ id: name, ...NODE })),
    edges: steps.flatMap(({ name, after }) =>
      after.map((before) => ({ id: `${before} ${name}`, sources: [before], targets: [name] })),
    ),
  });
  const at: Layout["at"] = {};
  for (const { id, x = 0, y = 0 } of graph.children ?? []) at[id] = { x, y };
  return { width: graph.width ?? 0, height: graph.height ?? 0, at };
}
