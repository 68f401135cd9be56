import { type Analysis, analysisOf, type Span, type WholeTrace } from "./model";

/** A span in its place. Moments are nanoseconds since the beginning of the trace, by corrected clocks. */
export interface Node {
  span: Span;
  /** Where its parent is in the list; -1 for a root. */
  parent: number;
  depth: number;
  /** How many spans it is with all below it: what is below follows it in the list. */
  size: number;
  start: number;
  end: number;
  failed: boolean;
  /** Failed ones below it. */
  failedBelow: number;
  /** Did the trace's error begin here? */
  failing: boolean;
  /** Does it name a parent that is not there? */
  orphan: boolean;
  /** When everything waited for it. */
  critical: [number, number][];
}

/** The spans of a trace, parents before children, children in the order of their beginning. */
export interface Tree {
  nodes: Node[];
  /** Nanoseconds since 1970. */
  from: bigint;
  length: number;
  byId: Map<string, number>;
}

const planted = new WeakMap<WholeTrace, Tree>();

/** The tree of a trace, made once for all who show it. */
export function treeOf(trace: WholeTrace): Tree {
  const kept = planted.get(trace);
  if (kept) return kept;
  const made = plant(trace);
  planted.set(trace, made);
  return made;
}

export function plant(trace: WholeTrace): Tree {
  const analysis = analysisOf(trace);
  const spans = once(trace.spans);
  const first = spans.reduce<bigint | null>((least, { start_ns }) => (least === null || BigInt(start_ns) < least ? BigInt(start_ns) : least), null) ?? 0n;
  const links = link(spans);
  const tree: Tree = { nodes: order(spans, links, first, analysis), from: first, length: 1, byId: new Map() };
  measure(tree);
  mark(tree, analysis);
  return tree;
}

/** A span is known by its id, its service and its kind; one that came twice is shown once. */
function once(spans: Span[]): Span[] {
  const seen = new Set<string>();
  return spans.filter((span) => {
    const key = `${span.span_id} ${span.kind} ${span.service}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

interface Links {
  parents: number[];
  children: number[][];
}

function link(spans: Span[]): Links {
  const byId = new Map<string, number>();
  spans.forEach((span, at) => {
    if (!byId.has(span.span_id)) byId.set(span.span_id, at);
  });
  const children: number[][] = spans.map(() => []);
  const parents = spans.map((span, at) => {
    const same = byId.get(span.span_id) ?? at;
    // Both sides of a call may share an id: the later one lies below the earlier.
    const parent = same !== at ? same : span.parent ? (byId.get(span.parent) ?? -1) : -1;
    if (parent === at) return -1;
    if (parent >= 0) children[parent]?.push(at);
    return parent;
  });
  return { parents, children };
}

/** In the order of the list. Where parents form a ring, it is cut where the server cut it, else at its earliest span. */
function order(spans: Span[], { parents, children }: Links, first: bigint, analysis: Analysis): Node[] {
  const nodes: Node[] = [];
  const placed = new Array<boolean>(spans.length).fill(false);
  const by = new Map(analysis.shifts.map((shift) => [shift.span_id, shift.by_ns]));
  const shifts: number[] = [];
  const from = (at: number, top: number) => {
    const stack = [{ at, parent: top }];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const span = spans[next.at];
      if (!span || placed[next.at]) continue;
      placed[next.at] = true;
      const above = nodes[next.parent];
      const recorded = Number(BigInt(span.start_ns) - first);
      const shift = by.get(span.span_id) ?? inherited(span, recorded, above, shifts[next.parent] ?? 0);
      const here = nodes.length;
      shifts.push(shift);
      nodes.push({
        span,
        parent: next.parent,
        depth: above ? above.depth + 1 : 0,
        size: 1,
        start: recorded + shift,
        end: recorded + shift + span.duration_ns,
        failed: span.status === "error",
        failedBelow: 0,
        failing: false,
        orphan: !above && Boolean(span.parent),
        critical: [],
      });
      const below = children[next.at] ?? [];
      for (let last = below.length - 1; last >= 0; last -= 1) stack.push({ at: below[last] as number, parent: here });
    }
  };
  const roots = spans.flatMap((_, at) => (parents[at] === -1 ? [at] : []));
  const cut = spans.flatMap((span, at) => (analysis.cycles.includes(span.span_id) ? [at] : []));
  for (const at of [...roots, ...cut, ...spans.keys()]) if (!placed[at]) from(at, -1);
  return nodes;
}

/** A clock is off by the same for all that one service does; a service that is called back may be right all along. */
function inherited(span: Span, recorded: number, above: Node | undefined, shift: number): number {
  if (!above || shift === 0 || span.service === above.span.service) return shift;
  return recorded + shift >= above.start ? shift : 0;
}

function measure(tree: Tree): void {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  if (tree.nodes.length === 0) return;
  for (const node of tree.nodes) {
    least = Math.min(least, node.start);
    most = Math.max(most, node.end);
  }
  for (const node of tree.nodes) {
    node.start -= least;
    node.end -= least;
  }
  tree.from += BigInt(least);
  tree.length = Math.max(1, most - least);
}

function mark(tree: Tree, { failure, critical }: Analysis): void {
  tree.nodes.forEach((node, at) => {
    if (!tree.byId.has(node.span.span_id)) tree.byId.set(node.span.span_id, at);
  });
  const of = (id: string) => tree.nodes[tree.byId.get(id) ?? -1];
  // What counts as failed is more than a status: the server knows it of those that it names.
  for (const { span_id } of [...(failure?.path ?? []), ...(failure?.others ?? [])]) {
    const node = of(span_id);
    if (node) node.failed = true;
  }
  const origin = failure && of(failure.origin.span_id);
  if (origin) Object.assign(origin, { failing: true, failed: true });
  for (const { span_id, from_ns, to_ns } of critical) {
    of(span_id)?.critical.push([Number(BigInt(from_ns) - tree.from), Number(BigInt(to_ns) - tree.from)]);
  }
  for (let at = tree.nodes.length - 1; at >= 0; at -= 1) {
    const node = tree.nodes[at];
    const above = node && tree.nodes[node.parent];
    if (!node || !above) continue;
    above.size += node.size;
    above.failedBelow += node.failedBelow + (node.failed ? 1 : 0);
  }
}

/** The places of the spans that are shown while what is below some is folded away. */
export function visible({ nodes }: Tree, folded: ReadonlySet<string>): number[] {
  const shown: number[] = [];
  for (let at = 0; at < nodes.length; ) {
    shown.push(at);
    const node = nodes[at];
    at += node && folded.has(node.span.span_id) ? node.size : 1;
  }
  return shown;
}

/** Everything folded but the roots. */
export const allFolded = ({ nodes }: Tree): ReadonlySet<string> =>
  new Set(nodes.flatMap(({ size, depth, span }) => (size > 1 && depth > 0 ? [span.span_id] : [])));

/** What is folded so that a span is seen: nothing above it. */
export function unfoldedTo({ nodes, byId }: Tree, span: string, folded: ReadonlySet<string>): ReadonlySet<string> {
  const open = new Set(folded);
  for (let node = nodes[nodes[byId.get(span) ?? -1]?.parent ?? -1]; node; node = nodes[node.parent]) open.delete(node.span.span_id);
  return open.size === folded.size ? folded : open;
}
