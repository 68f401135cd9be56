import { ActionIcon, Skeleton, Tooltip } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconFocusCentered, IconMinus, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Background, BackgroundVariant, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useEffect, useMemo } from "react";
import { useText } from "../../text";
import { CallEdge } from "./edge";
import { edgesOf, nodesOf } from "./elements";
import { type Layout, layout, shapeOf } from "./layout";
import css from "./map.module.css";
import { ServiceNode } from "./node";
import type { ServiceMap } from "./query";

const NODE_TYPES = { service: ServiceNode };
const EDGE_TYPES = { call: CallEdge };
const FIT = { padding: 0.08, maxZoom: 1 };
const NARROW_PX = 560;
const HEIGHT_MIN_PX = 260;
const HEIGHT_MAX_PX = 620;

interface Props {
  map: ServiceMap;
  seconds: number;
  selected: string | undefined;
  onSelect: (service: string | undefined) => void;
}

/** The map as a picture. The tables have all of it, so that readers of the page's text are spared what is in its boxes. */
export function Graph({ map, seconds, selected, onSelect }: Props) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const shape = shapeOf(map);
  const narrow = width < NARROW_PX;
  const placed = useQuery({
    queryKey: ["map-layout", shape, narrow],
    queryFn: () => layout(shape, narrow),
    enabled: width > 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: false,
    placeholderData: (before) => before,
  }).data;
  return (
    <div ref={ref} className={css.graph}>
      {placed ? (
        <ReactFlowProvider key={`${shape} ${narrow}`}>
          <Drawn width={width} map={map} seconds={seconds} selected={selected} onSelect={onSelect} placed={placed} />
          <Tools />
        </ReactFlowProvider>
      ) : (
        <Skeleton height={420} radius={0} />
      )}
    </div>
  );
}

function Drawn({ map, seconds, selected, onSelect, placed, width }: Props & { placed: Layout; width: number }) {
  const nodes = useMemo(() => nodesOf(map, seconds, selected, placed), [map, seconds, selected, placed]);
  const edges = useMemo(() => edgesOf(map, seconds, selected, width >= NARROW_PX), [map, seconds, selected, width >= NARROW_PX]);
  const height = Math.min(HEIGHT_MAX_PX, Math.max(HEIGHT_MIN_PX, placed.height * Math.min(1, (width * 0.9) / placed.width) + 80));
  return (
    <div style={{ height }}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        fitView
        fitViewOptions={FIT}
        minZoom={0.2}
        maxZoom={1.6}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        zoomOnScroll={false}
        zoomOnDoubleClick={false}
        preventScrolling={false}
        onNodeClick={(_, node) => onSelect(node.id === selected ? undefined : node.id)}
        attributionPosition="bottom-left"
      >
        <Background variant={BackgroundVariant.Dots} gap={22} size={1} color="var(--line)" />
      </ReactFlow>
    </div>
  );
}

function Tools() {
  const { map } = useText();
  const flow = useReactFlow();
  // When what stands beside it takes or leaves room, all of it is still to be seen.
  const room = useStore((store) => store.width);
  useEffect(() => void flow.fitView(FIT), [room, flow]);
  const tools = [
    { label: map.nearer, icon: IconPlus, act: () => void flow.zoomIn({ duration: 120 }) },
    { label: map.further, icon: IconMinus, act: () => void flow.zoomOut({ duration: 120 }) },
    { label: map.fit, icon: IconFocusCentered, act: () => void flow.fitView({ ...FIT, duration: 120 }) },
  ];
  return (
    <div className={css.tools}>
      {tools.map(({ label, icon: Icon, act }) => (
        <Tooltip key={label} label={label} withArrow position="top">
          <ActionIcon variant="default" size="md" aria-label={label} onClick={act}>
            <Icon size={16} />
          </ActionIcon>
        </Tooltip>
      ))}
    </div>
  );
}
