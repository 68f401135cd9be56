import { ActionIcon, Skeleton, Tooltip } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconFocusCentered, IconMinus, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Background, BackgroundVariant, type Edge, MarkerType, type Node, ReactFlow, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useMemo } from "react";
import { colour } from "../../parts/badge";
import { useText } from "../../text";
import { CallEdge, type CallEdgeOf } from "./edge";
import { type Layout, layout, shapeOf } from "./layout";
import css from "./map.module.css";
import { ServiceNode, type ServiceNodeOf } from "./node";
import type { ServiceMap } from "./query";
import { stateOf, TONES } from "./state";

const NODE_TYPES = { service: ServiceNode };
const EDGE_TYPES = { call: CallEdge };
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
        fitViewOptions={{ padding: 0.08, maxZoom: 1 }}
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

function nodesOf(map: ServiceMap, seconds: number, selected: string | undefined, placed: Layout): ServiceNodeOf[] {
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

function edgesOf(map: ServiceMap, seconds: number, selected: string | undefined, named: boolean): CallEdgeOf[] {
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

function Tools() {
  const { map } = useText();
  const flow = useReactFlow();
  const tools = [
    { label: map.nearer, icon: IconPlus, act: () => void flow.zoomIn({ duration: 120 }) },
    { label: map.further, icon: IconMinus, act: () => void flow.zoomOut({ duration: 120 }) },
    { label: map.fit, icon: IconFocusCentered, act: () => void flow.fitView({ padding: 0.08, maxZoom: 1, duration: 120 }) },
  ];
  return (
    <div className={css.tools}>
      {tools.map(({ label, icon: Icon, act }) => (
        <Tooltip key={label} label={label} withArrow position="left">
          <ActionIcon variant="default" size="md" aria-label={label} onClick={act}>
            <Icon size={16} />
          </ActionIcon>
        </Tooltip>
      ))}
    </div>
  );
}
