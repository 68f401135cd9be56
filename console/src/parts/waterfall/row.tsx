import { IconAlertTriangle, IconChevronDown, IconChevronRight, IconCircleX, IconLogs, IconUnlink } from "@tabler/icons-react";
import { useText } from "../../text";
import { colourOf } from "../colour-of";
import { compact } from "../format/number";
import { Bar } from "./bar";
import type { Log } from "./model";
import type { Scale } from "./scale";
import type { Node } from "./tree";
import css from "./waterfall.module.css";

/** Deeper spans are not moved further in: there would be no room for their names. */
const DEPTH_DRAWN_MAX = 14;

interface Props {
  id: string;
  index: number;
  top: number;
  height: number;
  node: Node;
  scale: Scale;
  narrow: boolean;
  logs: Log[] | undefined;
  folded: boolean;
  active: boolean;
  selected: boolean;
  onFold: (closed: boolean) => void;
  onSelect: () => void;
}

/** One span: what it is, and when it ran. */
export function Row({ id, index, top, height, node, scale, narrow, logs, folded, active, selected, onFold, onSelect }: Props) {
  const { span, depth, size, failing } = node;
  const parent = size > 1;
  const indent = Math.min(depth, DEPTH_DRAWN_MAX) * (narrow ? 8 : 14);
  const Chevron = folded ? IconChevronRight : IconChevronDown;
  return (
    <div
      role="row"
      id={id}
      aria-rowindex={index + 2}
      aria-level={depth + 1}
      aria-expanded={parent ? !folded : undefined}
      aria-selected={selected}
      className={css.row}
      data-active={active || undefined}
      data-selected={selected || undefined}
      data-failing={failing || undefined}
      style={{ height, transform: `translateY(${top}px)` }}
      onClick={onSelect}
    >
      <div role="rowheader" className={css.name} style={{ paddingLeft: `min(${indent}px, 30%)` }}>
        <span
          aria-hidden
          className={css.toggle}
          data-parent={parent || undefined}
          onClick={(event) => {
            if (!parent) return;
            event.stopPropagation();
            onFold(!folded);
          }}
        >
          {parent ? <Chevron size={14} /> : null}
        </span>
        <span aria-hidden className={css.stripe} style={{ background: colourOf(span.service) }} />
        <span className="cut" title={`${span.service} ${span.name}`}>
          <b className={css.service}>{span.service}</b> {span.name}
        </span>
        <Marks node={node} folded={folded} logs={logs} />
      </div>
      <Bar node={node} scale={scale} />
    </div>
  );
}

/** What is to be known of a span at once. */
function Marks({ node, folded, logs }: { node: Node; folded: boolean; logs: Log[] | undefined }) {
  const { waterfall } = useText().traces;
  const loud = logs?.some((line) => line.severity >= 13) ?? false;
  return (
    <span className={css.marks}>
      {folded ? <span className={css.mark}>{waterfall.below(compact(node.size - 1))}</span> : null}
      {folded && node.failedBelow > 0 ? <span className={`${css.mark} ${css.bad}`}>{waterfall.failedBelow(compact(node.failedBelow))}</span> : null}
      {node.failing ? (
        <span className={`${css.mark} ${css.filled}`}>
          <IconAlertTriangle size={12} aria-hidden />
          {waterfall.failing}
        </span>
      ) : node.failed ? (
        <span className={`${css.mark} ${css.bad}`}>
          <IconCircleX size={13} aria-hidden />
          {waterfall.failed}
        </span>
      ) : null}
      {node.orphan ? (
        <span className={css.mark} title={waterfall.orphan}>
          <IconUnlink size={13} aria-hidden />
          <span className="seen-by-readers">{waterfall.orphan}</span>
        </span>
      ) : null}
      {logs ? (
        <span className={`${css.mark} ${loud ? css.care : ""}`} title={waterfall.logs(compact(logs.length))}>
          <IconLogs size={13} aria-hidden />
          <span aria-hidden>{compact(logs.length)}</span>
          <span className="seen-by-readers">{waterfall.logs(compact(logs.length))}</span>
        </span>
      ) : null}
    </span>
  );
}
