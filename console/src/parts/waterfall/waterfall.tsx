import { Drawer } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useMemo } from "react";
import { useText } from "../../text";
import { Details } from "./details";
import { Grid } from "./grid";
import type { Log, WholeTrace } from "./model";
import { treeOf } from "./tree";
import css from "./waterfall.module.css";

/** With so much room the details stand beside the spans; with less they come over them. */
const BESIDE_PX = 900;

interface Props {
  trace: WholeTrace;
  /** The span whose details are open. */
  selected?: string | undefined;
  onSelect: (span: string | undefined) => void;
  /** The trace's log lines, once they are known. */
  logs?: Log[] | undefined;
  /** Were there more lines than these? */
  logsCut?: boolean;
}

/** The spans of a trace as a tree with their times, and the details of one of them. */
export function Waterfall({ trace, selected, onSelect, logs, logsCut = false }: Props) {
  const { traces } = useText();
  const tree = treeOf(trace);
  const { ref, width } = useElementSize<HTMLDivElement>();
  const lines = useMemo(() => bySpan(logs), [logs]);
  const node = tree.nodes[tree.byId.get(selected ?? "") ?? -1];
  const beside = width >= BESIDE_PX;
  const details = node ? (
    <Details trace={trace} tree={tree} node={node} logs={logs && (lines.get(node.span.span_id) ?? [])} cut={logsCut} onSelect={onSelect} />
  ) : null;
  return (
    <div ref={ref} className={css.both} data-beside={(beside && details !== null) || undefined}>
      <Grid tree={tree} selected={selected} onSelect={onSelect} logs={lines} />
      {beside && details ? (
        <section className={css.aside} aria-label={traces.span.label} tabIndex={0}>
          {details}
        </section>
      ) : null}
      {width > 0 && !beside ? (
        <Drawer
          opened={details !== null}
          onClose={() => onSelect(undefined)}
          position="bottom"
          size="80%"
          title={traces.span.label}
          withCloseButton={false}
          classNames={{ content: css.drawer, header: css.drawerHead, body: css.drawerBody }}
        >
          {details}
        </Drawer>
      ) : null}
    </div>
  );
}

function bySpan(logs: Log[] | undefined): Map<string, Log[]> {
  const lines = new Map<string, Log[]>();
  for (const line of logs ?? []) {
    if (!line.span_id) continue;
    const of = lines.get(line.span_id);
    if (of) of.push(line);
    else lines.set(line.span_id, [line]);
  }
  return lines;
}
