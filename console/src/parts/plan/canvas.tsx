import "@xyflow/react/dist/base.css";
import { useQuery } from "@tanstack/react-query";
import { type Edge, Handle, MarkerType, type Node, type NodeProps, Position, ReactFlow, ReactFlowProvider } from "@xyflow/react";
import type { PlanProps } from "./graph";
import { layout, NODE } from "./layout";
import { PlanList } from "./list";
import { StepNode } from "./node";
import { type PlanStep, shape, type Way, waysBack } from "./step";
import css from "./plan.module.css";

/** Smaller than this the words cannot be read: then the plan scrolls sideways. */
const SCALE_MIN = 0.85;

type StepFlowNode = Node<{ step: PlanStep; way: Way; number: number; of: number; selected: boolean; onSelect: PlanProps["onSelect"] }>;

function FlowNode({ data }: NodeProps<StepFlowNode>) {
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} className={css.handle} />
      <StepNode {...data} />
      <Handle type="source" position={Position.Right} isConnectable={false} className={css.handle} />
    </>
  );
}

const TYPES = { step: FlowNode };

/** A plan, drawn. Nothing in it is dragged or zoomed: it fits, or it scrolls like any other wide thing. */
export default function Canvas({ steps, selected, onSelect, label, room, height }: PlanProps & { room: number; height: number }) {
  const drawn = useQuery({
    queryKey: ["plan", shape(steps)],
    queryFn: () => layout(steps),
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: false,
  });
  if (drawn.error) return <PlanList steps={steps} selected={selected} onSelect={onSelect} label={label} />;
  if (!drawn.data) return <div style={{ minHeight: height }} aria-busy="true" />;
  const { at, width, height: tall } = drawn.data;
  const scale = room / width < SCALE_MIN ? 1 : Math.min(1, room / width);
  const ways = waysBack(steps);
  const nodes = steps.map((step, index): StepFlowNode => ({
    id: step.name,
    type: "step",
    position: at[step.name] ?? { x: 0, y: 0 },
    ...NODE,
    draggable: false,
    selectable: false,
    focusable: false,
    data: { step, way: ways.get(step.name) ?? "none", number: index + 1, of: steps.length, selected: step.name === selected, onSelect },
  }));
  return (
    <div
      className={css.scroll}
      role="region"
      aria-label={label}
      tabIndex={width * scale > room ? 0 : undefined}
      style={{ minHeight: height }}
    >
      <div className={css.canvas} style={{ width: width * scale, height: tall * scale }}>
        <ReactFlowProvider>
          <ReactFlow
            nodes={nodes}
            edges={edges(steps)}
            nodeTypes={TYPES}
            viewport={{ x: 0, y: 0, zoom: scale }}
            minZoom={SCALE_MIN}
            maxZoom={1}
            nodesDraggable={false}
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            elementsSelectable={false}
            panOnDrag={false}
            panOnScroll={false}
            zoomOnScroll={false}
            zoomOnPinch={false}
            zoomOnDoubleClick={false}
            preventScrolling={false}
            disableKeyboardA11y
          />
        </ReactFlowProvider>
      </div>
    </div>
  );
}

/** A way that has been gone is drawn in full; one that is still ahead is pale. */
function edges(steps: readonly PlanStep[]): Edge[] {
  const state = new Map(steps.map(({ name, state }) => [name, state]));
  return steps.flatMap(({ name, after, state: own }) =>
    after.map((before): Edge => {
      const gone = state.get(before) !== "waiting" && own !== undefined && own !== "waiting";
      const colour = gone ? "var(--soft)" : "color-mix(in srgb, var(--soft) 55%, var(--panel))";
      return {
        id: `${before} ${name}`,
        source: before,
        target: name,
        type: "default",
        focusable: false,
        style: { stroke: colour, strokeWidth: 1.5 },
        markerEnd: { type: MarkerType.ArrowClosed, color: colour, width: 14, height: 14 },
      };
    }),
  );
}
