import type { Node, Tree } from "../../parts/waterfall/tree";

export type Mark = "same" | "slower" | "faster" | "only_here" | "only_there" | "fails_here" | "fails_there";

/** One span of either trace, or the same work of both. */
export interface Pair {
  key: string;
  depth: number;
  service: string;
  name: string;
  here: Node | null;
  there: Node | null;
  mark: Mark;
}

/** What differs by less than this is within what a scheduler takes. */
const DIFFERS_MIN_NS = 1_000_000;
/** And less than this part of the shorter one is no difference worth a word. */
const DIFFERS_MIN_PART = 0.2;

/**
 * The spans of two traces, side by side: below a pair, spans of the same service, name and kind are a pair, the first with
 * the first, the second with the second. What only one trace has stands where it came in that trace.
 */
export function align(here: Tree, there: Tree): Pair[] {
  const pairs: Pair[] = [];
  const stack = siblings(roots(here), roots(there)).map((pair) => ({ ...pair, depth: 0 })).reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { left, right, depth } = next;
    const node = left === null ? there.nodes[right ?? -1] : here.nodes[left];
    if (!node) continue;
    const pair = { here: left === null ? null : (here.nodes[left] ?? null), there: right === null ? null : (there.nodes[right] ?? null) };
    pairs.push({ ...pair, key: `${left}:${right}`, depth, service: node.span.service, name: node.span.name, mark: markOf(pair.here, pair.there) });
    const below = siblings(left === null ? [] : children(here, left), right === null ? [] : children(there, right));
    for (const one of below.reverse()) stack.push({ ...one, depth: depth + 1 });
  }
  return pairs;

  function siblings(left: number[], right: number[]): { left: number | null; right: number | null }[] {
    const same = new Map<string, number[]>();
    for (const at of right) {
      const key = identity(there.nodes[at]);
      const of = same.get(key);
      if (of) of.push(at);
      else same.set(key, [at]);
    }
    for (const of of same.values()) of.reverse();
    const matched = new Map<number, number>();
    const found = left.map((at) => {
      const partner = same.get(identity(here.nodes[at]))?.pop() ?? null;
      if (partner !== null) matched.set(partner, at);
      return { left: at as number | null, right: partner };
    });
    return woven(found, right, matched);
  }
}

/** Puts what only the right has behind what stands before it there. */
function woven(found: { left: number | null; right: number | null }[], right: number[], matched: Map<number, number>) {
  const behind = new Map<number | null, number[]>();
  let before: number | null = null;
  for (const at of right) {
    if (matched.has(at)) {
      before = at;
      continue;
    }
    const of = behind.get(before);
    if (of) of.push(at);
    else behind.set(before, [at]);
  }
  const alone = (of: number | null) => (behind.get(of) ?? []).map((at) => ({ left: null, right: at }));
  return [...alone(null), ...found.flatMap((pair) => [pair, ...(pair.right === null ? [] : alone(pair.right))])];
}

const identity = (node: Node | undefined): string => (node ? `${node.span.service}\n${node.span.name}\n${node.span.kind}` : "");

function roots({ nodes }: Tree): number[] {
  const found: number[] = [];
  for (let at = 0; at < nodes.length; at += nodes[at]?.size ?? 1) found.push(at);
  return found;
}

function children({ nodes }: Tree, of: number): number[] {
  const found: number[] = [];
  const end = of + (nodes[of]?.size ?? 1);
  for (let at = of + 1; at < end; at += nodes[at]?.size ?? 1) found.push(at);
  return found;
}

function markOf(here: Node | null, there: Node | null): Mark {
  if (!here) return "only_there";
  if (!there) return "only_here";
  if (here.failed !== there.failed) return here.failed ? "fails_here" : "fails_there";
  const by = there.span.duration_ns - here.span.duration_ns;
  const shorter = Math.min(here.span.duration_ns, there.span.duration_ns);
  if (Math.abs(by) < DIFFERS_MIN_NS || Math.abs(by) < shorter * DIFFERS_MIN_PART) return "same";
  return by > 0 ? "slower" : "faster";
}
