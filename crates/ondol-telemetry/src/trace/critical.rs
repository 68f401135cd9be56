//! Where the time of a request went: at every moment the span that everything waited for.

use serde::Serialize;

use super::tree::{Node, NodeId, Tree};
use crate::model::{Kind, SpanId};

/// A stretch of time in which everything waited for one span's own work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// The span.
    pub span_id: SpanId,
    /// Whose it is.
    pub service: String,
    /// What it did.
    pub name: String,
    /// When it begins: nanoseconds since 1970, by the corrected clock.
    pub from_ns: u64,
    /// When it ends.
    pub to_ns: u64,
}

impl Segment {
    /// How long it is, in nanoseconds.
    pub const fn length_ns(&self) -> u64 {
        self.to_ns - self.from_ns
    }
}

/// A span with the window of it that counts.
struct Frame {
    id: NodeId,
    from_ns: u64,
    /// What is later is told already.
    cursor_ns: u64,
    /// Its children, the last to end at the end.
    left: Vec<(u64, NodeId)>,
}

/// The segments from the beginning of the main root to its end. They follow each other without a gap, so their lengths
/// add up to its duration.
///
/// From the end backwards: a span waited for the child that ended last, then for the child that ended last before that
/// one began, and so on. A child that outlived its parent counts until the parent's end.
pub fn critical_path(tree: &Tree) -> Vec<Segment> {
    let mut segments = Vec::new();
    let Some((root, node)) = tree.root() else { return segments };
    let mut stack = vec![frame(tree, root, node.start_ns, node.end_ns)];
    while let Some(top) = stack.last_mut() {
        let child = top.left.pop();
        let Some((end_ns, child)) = child else {
            push(&mut segments, tree.node(top.id), top.from_ns, top.cursor_ns);
            stack.pop();
            continue;
        };
        // It ended while the one told before was at work: nothing waited for it.
        if end_ns > top.cursor_ns {
            continue;
        }
        let from_ns = tree.node(child).start_ns.max(top.from_ns);
        if from_ns >= end_ns {
            continue;
        }
        push(&mut segments, tree.node(top.id), end_ns, top.cursor_ns);
        top.cursor_ns = from_ns;
        stack.push(frame(tree, child, from_ns, end_ns));
    }
    segments.reverse();
    segments
}

fn frame(tree: &Tree, id: NodeId, from_ns: u64, to_ns: u64) -> Frame {
    let node = tree.node(id);
    // What takes a message is not waited for.
    let waited = |child: &Node| child.span.kind != Kind::Consumer;
    let children = node.children.iter().filter(|&&child| waited(tree.node(child)));
    let mut left: Vec<_> = children.map(|&child| (tree.node(child).end_ns.min(to_ns), child)).collect();
    left.sort_by_key(|&(end_ns, child)| (end_ns, std::cmp::Reverse(tree.node(child).start_ns), child));
    Frame { id, from_ns, cursor_ns: to_ns, left }
}

fn push(segments: &mut Vec<Segment>, node: &Node, from_ns: u64, to_ns: u64) {
    if from_ns < to_ns {
        segments.push(Segment {
            span_id: node.span.span_id,
            service: node.service().to_owned(),
            name: node.span.name.clone(),
            from_ns,
            to_ns,
        });
    }
}
