import { useElementSize } from "@mantine/hooks";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useText } from "../../text";
import { Axis, Gaps } from "./axis";
import { useKeys } from "./keys";
import type { Log } from "./model";
import { Row } from "./row";
import { idle, linear, squeezed } from "./scale";
import { Tools } from "./tools";
import { allFolded, type Tree, unfoldedTo, visible } from "./tree";
import css from "./waterfall.module.css";

/** Below this a span's bar stands under its name. */
const NARROW_PX = 640;
const ROW_PX = 30;
const ROW_NARROW_PX = 48;

/** The page's head and the axis lie over the rows. */
const HEADS_PX = 84;

interface Props {
  tree: Tree;
  selected: string | undefined;
  onSelect: (span: string | undefined) => void;
  logs: Map<string, Log[]>;
}

/** The tree itself. It holds the focus; the row that the keys have reached is its active one. */
export function Grid({ tree, selected, onSelect, logs }: Props) {
  const { waterfall } = useText().traces;
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState(selected);
  const rows = useMemo(() => visible(tree, folded), [tree, folded]);
  const narrow = width > 0 && width < NARROW_PX;
  const height = narrow ? ROW_NARROW_PX : ROW_PX;
  const gaps = useMemo(() => idle(tree), [tree]);
  const [squeeze, setSqueeze] = useState(true);
  const named = narrow ? 2.2 : 5;
  const scale = useMemo(() => (squeeze && gaps.length ? squeezed(tree.length, gaps, named) : linear(tree.length, named)), [tree, gaps, squeeze, named]);
  const [offset, setOffset] = useState(0);
  // What stands above may have grown; the list has to know where on the page it begins.
  useLayoutEffect(() => {
    const top = list.current ? Math.round(list.current.getBoundingClientRect().top + window.scrollY) : 0;
    if (Math.abs(top - offset) > 1) setOffset(top);
  });
  const virtual = useWindowVirtualizer({ count: rows.length, estimateSize: () => height, overscan: 16, scrollMargin: offset, scrollPaddingStart: HEADS_PX, scrollPaddingEnd: 16 });
  useEffect(() => virtual.measure(), [height, virtual]);
  const at = Math.max(0, rows.findIndex((row) => tree.nodes[row]?.span.span_id === (cursor ?? selected)));
  const show = (row: number) => virtual.scrollToIndex(row, { align: "auto" });
  // A link to a span leads to it; one that was chosen here is in sight already.
  useEffect(() => {
    if (!selected || width === 0) return;
    const open = unfoldedTo(tree, selected, folded);
    const row = visible(tree, open).indexOf(tree.byId.get(selected) ?? -1);
    const top = offset + row * height - window.scrollY;
    setFolded(open);
    setCursor(selected);
    if (row >= 0 && (top < HEADS_PX || top + height > window.innerHeight)) virtual.scrollToIndex(row, { align: "center" });
  }, [selected, width > 0]);
  const fold = (span: string, closed: boolean) => {
    const next = new Set(folded);
    if (closed) next.add(span);
    else next.delete(span);
    setFolded(next);
  };
  const keys = useKeys({ tree, rows, at, folded, fold, select: onSelect, move: (row) => {
    setCursor(tree.nodes[rows[row] ?? 0]?.span.span_id);
    show(row);
  } });
  const rowId = (row: number) => `${id}-${row}`;
  return (
    <div ref={ref} className={css.grid} data-narrow={narrow || undefined}>
      <Tools
        squeeze={gaps.length ? squeeze : undefined}
        onSqueeze={setSqueeze}
        onFold={() => setFolded(allFolded(tree))}
        onUnfold={() => setFolded(new Set())}
      />
      <div
        role="treegrid"
        tabIndex={0}
        className={css.treegrid}
        aria-label={waterfall.label}
        aria-rowcount={rows.length + 1}
        aria-colcount={2}
        aria-activedescendant={rows.length ? rowId(at) : undefined}
        onKeyDown={keys}
      >
        <Axis scale={scale} />
        <div ref={list} role="rowgroup" style={{ position: "relative", height: virtual.getTotalSize() } as CSSProperties}>
          <Gaps scale={scale} />
          {virtual.getVirtualItems().map((item) => {
            const node = tree.nodes[rows[item.index] ?? -1];
            if (!node) return null;
            const { span_id } = node.span;
            return (
              <Row
                key={`${span_id} ${node.span.kind}`}
                id={rowId(item.index)}
                index={item.index}
                top={item.start - offset}
                height={height}
                node={node}
                scale={scale}
                narrow={narrow}
                logs={logs.get(span_id)}
                folded={folded.has(span_id)}
                active={item.index === at}
                selected={span_id === selected}
                onFold={(closed) => fold(span_id, closed)}
                onSelect={() => {
                  setCursor(span_id);
                  onSelect(span_id === selected ? undefined : span_id);
                }}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
