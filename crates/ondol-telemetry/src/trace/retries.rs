//! What was tried again: calls that are one call to whoever made them.

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::names::{self, first};
use super::tree::{Node, NodeId, Tree};
use crate::model::{Kind, SpanId};

/// So many attempts of one call are listed: its beginning. All of them are counted.
pub const ATTEMPTS_LISTED_MAX: usize = 20;

/// Attempts that are one call: the same call by the same parent, each begun after the one before had failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Collapsed {
    /// Who called.
    pub service: String,
    /// What was called.
    pub name: String,
    /// Who was called, as far as anything says.
    pub called: Option<String>,
    /// How many attempts.
    pub attempts: u64,
    /// How many of them failed.
    pub failed: u64,
    /// Did the last one succeed?
    pub ok: bool,
    /// Did the callee answer the last one from what an earlier one had done?
    pub replayed: bool,
    /// What the first failed one said.
    pub reason: String,
    /// The attempts in their order, at most [`ATTEMPTS_LISTED_MAX`].
    pub spans: Vec<SpanId>,
}

/// A call and its attempts, in their order.
pub(super) struct Run {
    pub(super) attempts: Vec<NodeId>,
}

impl Run {
    /// Did the last attempt succeed?
    pub(super) fn ok(&self, tree: &Tree) -> bool {
        self.attempts.last().is_some_and(|&last| !tree.node(last).failed())
    }
}

/// Every call that took several attempts.
pub fn collapsed(tree: &Tree) -> Vec<Collapsed> {
    runs(tree).iter().filter_map(|run| collapse(tree, run)).collect()
}

/// Attempts by call; calls of one attempt are left out.
pub(super) fn runs(tree: &Tree) -> Vec<Run> {
    let mut runs = Vec::new();
    for (_, parent) in tree.walk() {
        let mut open: FxHashMap<(&str, &str, Option<&str>), Run> = FxHashMap::default();
        for &child in parent.children.iter().filter(|&&child| tree.node(child).span.kind == Kind::Client) {
            let node = tree.node(child);
            let key = (node.service(), node.span.name.as_str(), tree.peer(child));
            let run = open.entry(key).or_insert_with(|| Run { attempts: Vec::new() });
            let again = run.attempts.last().is_none_or(|&last| follows(tree.node(last), node));
            if !again {
                let done = std::mem::replace(run, Run { attempts: Vec::new() });
                runs.push(done);
            }
            run.attempts.push(child);
        }
        runs.extend(open.into_values());
    }
    runs.retain(|run| run.attempts.len() > 1);
    runs.sort_by_key(|run| {
        let first = tree.node(run.attempts[0]);
        (first.start_ns, run.attempts[0])
    });
    runs
}

fn follows(before: &Node, after: &Node) -> bool {
    before.failed() && after.start_ns >= before.end_ns
}

fn collapse(tree: &Tree, run: &Run) -> Option<Collapsed> {
    let (&begin, &end) = (run.attempts.first()?, run.attempts.last()?);
    let node = tree.node(begin);
    let failed = run.attempts.iter().filter(|&&attempt| tree.node(attempt).failed()).count();
    Some(Collapsed {
        service: node.service().to_owned(),
        name: node.span.name.clone(),
        called: tree.peer(begin).map(str::to_owned),
        attempts: run.attempts.len() as u64,
        failed: failed as u64,
        ok: run.ok(tree),
        replayed: replayed(tree, end),
        reason: node.fault.as_ref().map_or_else(String::new, |fault| fault.reason.clone()),
        spans: run.attempts.iter().take(ATTEMPTS_LISTED_MAX).map(|&id| tree.node(id).span.span_id).collect(),
    })
}

/// Does either side of a call say that the callee answered from what it had done before?
pub(crate) fn replayed(tree: &Tree, caller: NodeId) -> bool {
    let says = |id: NodeId| first(&tree.node(id).span, &names::REPLAYED) == Some("true");
    says(caller) || tree.callee(caller).is_some_and(says)
}
