import type { KeyboardEvent } from "react";
import type { Tree } from "./tree";

const PAGE_ROWS = 15;

interface Of {
  tree: Tree;
  /** What is shown: places in the tree. */
  rows: number[];
  /** The row that the keys have reached. */
  at: number;
  folded: ReadonlySet<string>;
  fold: (span: string, closed: boolean) => void;
  select: (span: string | undefined) => void;
  move: (row: number) => void;
}

/** The keys of a treegrid: up and down, in and out of what is folded, Enter for the details. */
export function useKeys({ tree, rows, at, folded, fold, select, move }: Of) {
  return (event: KeyboardEvent) => {
    const place = rows[at];
    const node = place === undefined ? undefined : tree.nodes[place];
    if (!node || event.altKey || event.ctrlKey || event.metaKey) return;
    const id = node.span.span_id;
    const closed = folded.has(id);
    const last = rows.length - 1;
    const actions: Record<string, () => void> = {
      ArrowDown: () => move(Math.min(last, at + 1)),
      ArrowUp: () => move(Math.max(0, at - 1)),
      PageDown: () => move(Math.min(last, at + PAGE_ROWS)),
      PageUp: () => move(Math.max(0, at - PAGE_ROWS)),
      Home: () => move(0),
      End: () => move(last),
      ArrowRight: () => (node.size > 1 && closed ? fold(id, false) : node.size > 1 ? move(at + 1) : undefined),
      ArrowLeft: () => (node.size > 1 && !closed ? fold(id, true) : node.parent >= 0 ? move(rows.indexOf(node.parent)) : undefined),
      Enter: () => select(id),
      " ": () => select(id),
      Escape: () => select(undefined),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
}
