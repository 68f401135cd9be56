import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import css from "./rows.module.css";

export interface Column<T> {
  key: string;
  label: string;
  /** A track of CSS grid: `120px`, `minmax(0, 2fr)`. */
  width: string;
  /** The track where there is little room; without one the column is left out there. */
  narrow?: string;
  right?: boolean;
  cell: (row: T) => ReactNode;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  id: (row: T) => string;
  height?: number;
  /** More rows are wanted, since the last one is near. */
  more?: (() => void) | undefined;
}

/**
 * A long list. Only the rows near the window are in the page, so that a hundred thousand scroll like ten; rows have one
 * height, so that nothing jumps. A link with the class `row-link` makes the whole row one.
 */
export function Rows<T>({ label, columns, rows, id, height = 40, more }: Props<T>) {
  const list = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  // What stands above may have grown since: a banner, a filter that wraps.
  useLayoutEffect(() => {
    const top = list.current ? list.current.getBoundingClientRect().top + window.scrollY : 0;
    setOffset((before) => (Math.abs(before - top) < 1 ? before : top));
  });
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    overscan: 12,
    scrollMargin: offset,
    getItemKey: (at) => (rows[at] ? id(rows[at]) : at),
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= rows.length - 20) more();
  }, [more, last, rows.length]);
  const tracks = {
    "--tracks": columns.map((column) => column.width).join(" "),
    "--narrow-tracks": columns.flatMap((column) => (column.narrow ? [column.narrow] : [])).join(" "),
  } as CSSProperties;
  const style = (column: Column<T>) => [css.cell, column.right && css.right, !column.narrow && css.wide].filter(Boolean).join(" ");
  return (
    <div className={css.table} style={tracks} role="table" aria-label={label} aria-rowcount={rows.length + 1}>
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={`${css.line} ${css.head}`}>
          {columns.map((column) => (
            <div key={column.key} role="columnheader" className={style(column)}>
              {column.label}
            </div>
          ))}
        </div>
      </div>
      <div ref={list} role="rowgroup" style={{ position: "relative", height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          const top = item.start - offset;
          return (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 2}
              className={`${css.line} ${css.row}`}
              style={{ height, transform: `translateY(${top}px)` }}
            >
              {columns.map((column) => (
                <div key={column.key} role="cell" className={style(column)}>
                  {column.cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
