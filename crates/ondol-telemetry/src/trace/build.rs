//! From spans in any order to a tree.

use std::cmp::Reverse;
use std::collections::hash_map::Entry as Slot;

use rustc_hash::FxHashMap;

use super::fault::fault;
use super::skew;
use super::tree::{Entry, Node, NodeId, Tree};
use crate::model::{Kind, Span, SpanId};

/// Puts spans in their places.
pub(super) fn build(spans: &[Span]) -> Tree {
    let mut tree = Tree::default();
    tree.nodes = unique(spans, &mut tree.duplicates);
    link(&mut tree.nodes);
    cut_rings(&mut tree);
    adopt(&mut tree.nodes);
    tree.roots = roots(&tree.nodes);
    tree.order = order(&mut tree.nodes, &tree.roots);
    skew::correct(&mut tree);
    // A corrected clock may have changed who began first.
    sort_children(&mut tree.nodes);
    tree.order = order(&mut tree.nodes, &tree.roots);
    tree
}

/// Each (id, kind, service) once, by its beginning. The kind is part of it since some tracers give both sides of a call
/// one id (Zipkin's shared spans).
fn unique(spans: &[Span], duplicates: &mut u64) -> Vec<Node> {
    let mut seen: FxHashMap<(SpanId, Kind, &str), &Span> = FxHashMap::default();
    for span in spans {
        match seen.entry((span.span_id, span.kind, &span.source.service)) {
            Slot::Vacant(slot) => _ = slot.insert(span),
            // The one that ended last knows most: a span that goes on may come before the one that ended.
            Slot::Occupied(mut slot) => {
                *duplicates += 1;
                if rank(span) > rank(slot.get()) {
                    slot.insert(span);
                }
            }
        }
    }
    let mut kept: Vec<&Span> = seen.into_values().collect();
    kept.sort_by(|left, right| {
        let key = |span: &Span| (span.start_ns, Reverse(span.duration_ns), span.span_id, span.kind);
        key(left).cmp(&key(right)).then_with(|| left.source.service.cmp(&right.source.service))
    });
    kept.into_iter().map(node).collect()
}

/// Of two that should be the same, the same one is kept whatever their order.
fn rank(span: &Span) -> impl Ord + '_ {
    let times = (span.end_ns(), span.duration_ns);
    let said = (span.status, span.attributes.0.len(), span.events.len(), span.links.len());
    (times, said, span.parent, &span.name, &span.status_message, &span.attributes.0)
}

fn node(span: &Span) -> Node {
    Node {
        entry: Entry::Root,
        parent: None,
        children: Vec::new(),
        start_ns: span.start_ns,
        end_ns: span.end_ns(),
        depth: 0,
        fault: fault(span),
        span: span.clone(),
    }
}

/// Who bears an id. Several do where both sides of a call share it.
#[derive(Clone, Copy, Default)]
struct Bearers {
    first: Option<NodeId>,
    caller: Option<NodeId>,
    callee: Option<NodeId>,
}

impl Bearers {
    fn add(&mut self, id: NodeId, node: &Node) {
        self.first.get_or_insert(id);
        if node.calls() {
            self.caller.get_or_insert(id);
        }
        if node.answers() {
            self.callee.get_or_insert(id);
        }
    }
}

fn link(nodes: &mut [Node]) {
    let mut bearers: FxHashMap<SpanId, Bearers> = FxHashMap::default();
    let mut own: FxHashMap<(SpanId, &str), Bearers> = FxHashMap::default();
    for (at, node) in nodes.iter().enumerate() {
        let (id, at) = (node.span.span_id, NodeId(at));
        bearers.entry(id).or_default().add(at, node);
        own.entry((id, node.service())).or_default().add(at, node);
    }
    let find = |at: usize, node: &Node| {
        let shared = bearers.get(&node.span.span_id).and_then(|bearers| bearers.caller);
        if let Some(caller) = shared.filter(|caller| caller.0 != at && node.answers()) {
            return (Entry::Child, Some(caller));
        }
        let Some(parent) = node.span.parent else { return (Entry::Root, None) };
        let own = own.get(&(parent, node.service())).and_then(|own| own.callee.or(own.first));
        let any = || bearers.get(&parent).and_then(|any| any.callee.or(any.first));
        match own.or_else(any) {
            Some(found) => (Entry::Child, Some(found)),
            None => (Entry::Orphan, None),
        }
    };
    let found: Vec<_> = nodes.iter().enumerate().map(|(at, node)| find(at, node)).collect();
    for (node, (entry, parent)) in nodes.iter_mut().zip(found) {
        (node.entry, node.parent) = (entry, parent);
    }
}

/// Where a walk towards the root has been.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Walked(usize),
}

/// A span that is its own ancestor is cut off; of each ring the earliest.
fn cut_rings(tree: &mut Tree) {
    let mut marks = vec![Mark::New; tree.nodes.len()];
    for begin in 0..tree.nodes.len() {
        let mut at = begin;
        while marks[at] == Mark::New {
            marks[at] = Mark::Walked(begin);
            match tree.nodes[at].parent {
                Some(parent) => at = parent.0,
                None => break,
            }
        }
        // Met on this very walk and it has a parent: it lies on a ring.
        if marks[at] == Mark::Walked(begin) && tree.nodes[at].parent.is_some() {
            let cut = earliest_on_ring(&tree.nodes, at);
            tree.nodes[cut].parent = None;
            tree.nodes[cut].entry = Entry::Cut;
            tree.cycles.push(tree.nodes[cut].span.span_id);
        }
    }
}

/// Nodes are in the order of their beginning.
fn earliest_on_ring(nodes: &[Node], on: usize) -> usize {
    let (mut at, mut earliest) = (on, on);
    while let Some(NodeId(parent)) = nodes[at].parent {
        at = parent;
        earliest = earliest.min(at);
        if at == on {
            break;
        }
    }
    earliest
}

fn adopt(nodes: &mut [Node]) {
    for at in 0..nodes.len() {
        if let Some(parent) = nodes[at].parent {
            nodes[parent.0].children.push(NodeId(at));
        }
    }
}

fn roots(nodes: &[Node]) -> Vec<NodeId> {
    let mut roots: Vec<_> = (0..nodes.len()).filter(|&at| nodes[at].parent.is_none()).map(NodeId).collect();
    roots.sort_by_key(|&NodeId(at)| (nodes[at].entry != Entry::Root, at));
    roots
}

/// Parents before children; sets depths.
fn order(nodes: &mut [Node], roots: &[NodeId]) -> Vec<NodeId> {
    let mut order = Vec::with_capacity(nodes.len());
    let mut stack: Vec<NodeId> = roots.iter().rev().copied().collect();
    while let Some(id) = stack.pop() {
        order.push(id);
        nodes[id.0].depth = nodes[id.0].parent.map_or(0, |parent| nodes[parent.0].depth + 1);
        stack.extend(nodes[id.0].children.iter().rev());
    }
    order
}

fn sort_children(nodes: &mut [Node]) {
    for at in 0..nodes.len() {
        let mut children = std::mem::take(&mut nodes[at].children);
        children.sort_by_key(|child| (nodes[child.0].start_ns, child.0));
        nodes[at].children = children;
    }
}
