//! The spans of one trace as a tree.

use serde::Serialize;

use super::build;
use super::fault::Fault;
use super::skew::Shift;
use crate::model::{Kind, Span, SpanId};

/// The place of a node within its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) usize);

/// The spans of one trace: each once, under the span that caused it, by corrected clocks.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
    /// Parents before children, children in the order of their beginning.
    pub(super) order: Vec<NodeId>,
    pub(super) roots: Vec<NodeId>,
    pub(super) duplicates: u64,
    pub(super) cycles: Vec<SpanId>,
    pub(super) shifts: Vec<Shift>,
    pub(super) shifted: u64,
}

/// A span in its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// The span as it was recorded.
    pub span: Span,
    /// How it came to its place.
    pub entry: Entry,
    /// Its parent.
    pub parent: Option<NodeId>,
    /// Its children, by their beginning.
    pub children: Vec<NodeId>,
    /// When it began, by the corrected clock: nanoseconds since 1970.
    pub start_ns: u64,
    /// When it ended, by the corrected clock.
    pub end_ns: u64,
    /// How many spans are above it.
    pub depth: usize,
    /// Why it counts as failed, if it does.
    pub fault: Option<Fault>,
}

/// How a span came to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Entry {
    /// Its parent is there.
    Child,
    /// It names no parent.
    Root,
    /// It names a parent that is not there.
    Orphan,
    /// It was its own ancestor; the ring was cut here.
    Cut,
}

/// A span in few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its id.
    pub span_id: SpanId,
    /// Who did it.
    pub service: String,
    /// What it did.
    pub name: String,
    /// Which side of a call it saw.
    pub kind: Kind,
    /// When it began, by the corrected clock: nanoseconds since 1970.
    pub start_ns: u64,
    /// When it ended, by the corrected clock.
    pub end_ns: u64,
}

impl Tree {
    /// Puts spans in their places. They are taken as spans of one trace, whatever ids of traces they bear.
    pub fn of(spans: &[Span]) -> Self {
        build::build(spans)
    }

    /// All nodes, parents before children.
    pub fn walk(&self) -> impl DoubleEndedIterator<Item = (NodeId, &Node)> {
        self.order.iter().map(|&id| (id, self.node(id)))
    }

    /// A node of this tree.
    ///
    /// # Panics
    /// When the id is of a larger tree.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// How many spans it has, each once.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Is there no span?
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Spans without a parent in the tree, the main one first: one that names no parent before one whose parent is
    /// missing, then by their beginning.
    pub fn roots(&self) -> &[NodeId] {
        &self.roots
    }

    /// The main root.
    pub fn root(&self) -> Option<(NodeId, &Node)> {
        self.roots.first().map(|&id| (id, self.node(id)))
    }

    /// Spans that came more than once, each further time counted.
    pub const fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Spans that name a parent that is not there.
    pub fn orphans(&self) -> u64 {
        self.roots.iter().filter(|&&id| self.node(id).entry == Entry::Orphan).count() as u64
    }

    /// Where rings of parents were cut: the earliest span of each.
    pub fn cycles(&self) -> &[SpanId] {
        &self.cycles
    }

    /// Corrections of clocks, at most [`super::SHIFTS_LISTED_MAX`].
    pub fn shifts(&self) -> &[Shift] {
        &self.shifts
    }

    /// How many spans entered a clock that was corrected; may be more than are listed.
    pub const fn shifted(&self) -> u64 {
        self.shifted
    }

    /// A node in few words.
    pub fn place(&self, id: NodeId) -> Place {
        let Node { span, start_ns, end_ns, .. } = self.node(id);
        Place {
            span_id: span.span_id,
            service: span.source.service.clone(),
            name: span.name.clone(),
            kind: span.kind,
            start_ns: *start_ns,
            end_ns: *end_ns,
        }
    }
}

impl Node {
    /// Whose span it is.
    pub fn service(&self) -> &str {
        &self.span.source.service
    }

    /// Does it count as failed?
    pub const fn failed(&self) -> bool {
        self.fault.is_some()
    }

    /// How long it took, in nanoseconds. A correction of the clock does not change that.
    pub const fn duration_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }

    /// Is it the calling side of a call?
    pub const fn calls(&self) -> bool {
        matches!(self.span.kind, Kind::Client | Kind::Producer)
    }

    /// Is it the called side of a call?
    pub const fn answers(&self) -> bool {
        matches!(self.span.kind, Kind::Server | Kind::Consumer)
    }
}
