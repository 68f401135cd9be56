//! Clocks of different machines differ. What another service did for a span is put within that span, and it is said.

use serde::Serialize;

use super::tree::{NodeId, Tree};
use crate::model::{Kind, SpanId};

/// So many corrections are listed: a page. All of them are counted.
pub const SHIFTS_LISTED_MAX: usize = 100;

/// A correction: this span, and what is below it in the same clock, is shown at another time than recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shift {
    /// Whose clock.
    pub service: String,
    /// The first span below which it holds.
    pub span_id: SpanId,
    /// What was added to the recorded times, in nanoseconds.
    pub by_ns: i64,
}

/// Moves spans of another service into the span that caused them.
///
/// A message may be taken long after it was sent, and work may go on after a caller gave up: neither is moved for ending
/// late, only for beginning before its cause.
pub(super) fn correct(tree: &mut Tree) {
    let mut by: Vec<i64> = vec![0; tree.nodes.len()];
    for at in 0..tree.order.len() {
        let id = tree.order[at];
        let Some(parent) = tree.nodes[id.0].parent else { continue };
        let inherited = by[parent.0];
        let shift = shift(tree, id, parent, inherited);
        by[id.0] = shift;
        let node = &mut tree.nodes[id.0];
        node.start_ns = moved(node.span.start_ns, shift);
        node.end_ns = node.start_ns.saturating_add(node.span.duration_ns);
        if shift != inherited && shift != 0 {
            tree.shifted += 1;
            if tree.shifts.len() < SHIFTS_LISTED_MAX {
                let (service, span_id) = (node.service().to_owned(), node.span.span_id);
                tree.shifts.push(Shift { service, span_id, by_ns: shift });
            }
        }
    }
}

const fn moved(at_ns: u64, by_ns: i64) -> u64 {
    at_ns.saturating_add_signed(by_ns)
}

/// What has to be added to a child's recorded times. The clock of what is around it is tried first, then the recorded
/// one: a service called back by another may be right all along.
fn shift(tree: &Tree, child: NodeId, parent: NodeId, inherited: i64) -> i64 {
    let (child, parent) = (tree.node(child), tree.node(parent));
    if child.service() == parent.service() {
        return inherited;
    }
    let (from, to) = (parent.start_ns, parent.end_ns);
    let taken_later = child.span.kind == Kind::Consumer || parent.span.kind == Kind::Producer;
    let took = child.span.duration_ns;
    let fits = |by: i64| {
        let start = moved(child.span.start_ns, by);
        let late = start.saturating_add(took) > to;
        let outlasts = start <= to && (parent.failed() || took > to.saturating_sub(from));
        start >= from && (!late || taken_later || outlasts)
    };
    if let Some(by) = [inherited, 0].into_iter().find(|&by| fits(by)) {
        return by;
    }
    // In the middle: the way there is taken to be as long as the way back.
    let goal = from.saturating_add((to - from).saturating_sub(took) / 2);
    let by = i128::from(goal) - i128::from(child.span.start_ns);
    i64::try_from(by).unwrap_or(if by < 0 { i64::MIN } else { i64::MAX })
}
