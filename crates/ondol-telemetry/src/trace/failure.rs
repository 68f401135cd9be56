//! The failing stage of a trace: where its error came from.

use serde::Serialize;

use super::call::{Call, Stage, call};
use super::fault::Sign;
use super::retries::runs;
use super::tree::{Entry, NodeId, Place, Tree};
use crate::model::{Kind, Status};

/// So many spans between the root and the origin are listed; those nearest to the origin.
pub const PATH_MAX: usize = 32;
/// So many other origins are listed. All of them are counted.
pub const OTHERS_MAX: usize = 10;

/// Where a trace's error came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// At which stage of a call, or none.
    pub stage: Stage,
    /// The deepest failed span with no failed one below it.
    pub origin: Place,
    /// The service to look at: whose work failed, or who was called in vain.
    pub service: String,
    /// The caller's side of the call that failed.
    pub caller: Option<Place>,
    /// The callee's side of it, where it has a span.
    pub callee: Option<Place>,
    /// Who was called, as far as anything says.
    pub called: Option<String>,
    /// In the words of the origin: one line, never empty.
    pub reason: String,
    /// By what sign the origin counts as failed.
    #[serde(flatten)]
    pub sign: Sign,
    /// Was it time that ran out?
    pub timeout: bool,
    /// By how much the callee outlived the caller's patience, in nanoseconds.
    pub late_ns: u64,
    /// Did the main root fail, too? If not, the failure was dealt with, or did not matter.
    pub root_failed: bool,
    /// Why it is this origin and no other.
    pub choice: Choice,
    /// The failed spans from the outermost to the origin, at most [`PATH_MAX`].
    pub path: Vec<Place>,
    /// Other origins, at most [`OTHERS_MAX`]; what a later attempt made good is among them.
    pub others: Vec<Place>,
    /// How many other origins there are.
    pub others_total: u64,
}

/// Why an origin was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// There is no other.
    Only,
    /// It is what the root's error leads to; the others are elsewhere.
    OnPath,
    /// At a fork of the root's error it ended last: what fails last is what a caller gives up on.
    EndedLast,
    /// The root failed and nothing below it did.
    RootItself,
    /// The root did not fail; of the failures it is the one nearest to it, then the one that ended last.
    NearestToRoot,
}

/// What failures lead to.
struct Causes {
    /// For each failed node, the failed nodes that explain it.
    below: Vec<Vec<NodeId>>,
    /// Failed nodes that explain no other.
    tops: Vec<NodeId>,
    /// Failed attempts that a later attempt made good.
    repaired: Vec<bool>,
    /// Is it below a span that names no parent?
    rooted: Vec<bool>,
}

/// Where the error of a trace came from. Nothing where no span failed, or where the root did not and later attempts made
/// good what did.
pub fn failure(tree: &Tree) -> Option<Failure> {
    let (root, _) = tree.root()?;
    let causes = causes(tree);
    let root_failed = tree.node(root).failed();
    let (top, picked) = if root_failed { (root, false) } else { (top(tree, &causes)?, true) };
    let (path, forked) = descend(tree, &causes, top);
    let origin = *path.last().expect("it begins with the top");
    let mut others: Vec<NodeId> = tree
        .walk()
        .filter(|&(id, node)| id != origin && node.failed() && causes.below[id.0].is_empty())
        .map(|(id, _)| id)
        .collect();
    let choice = match () {
        () if root_failed && origin == root => Choice::RootItself,
        () if others.is_empty() => Choice::Only,
        () if picked => Choice::NearestToRoot,
        () if forked => Choice::EndedLast,
        () => Choice::OnPath,
    };
    others.sort_by_key(|&id| (std::cmp::Reverse(tree.node(id).end_ns), id));
    let mut failure = judge(tree, origin);
    failure.root_failed = root_failed;
    failure.choice = choice;
    let shown = path.len().saturating_sub(PATH_MAX);
    failure.path = path[shown..].iter().map(|&id| tree.place(id)).collect();
    failure.others_total = others.len() as u64;
    failure.others = others.iter().take(OTHERS_MAX).map(|&id| tree.place(id)).collect();
    Some(failure)
}

/// A span that failed explains the nearest failed span above it, unless one in between vouches that it went well: the
/// answering or the calling side of a call, or a status of OK.
fn causes(tree: &Tree) -> Causes {
    let mut explains: Vec<Option<NodeId>> = vec![None; tree.nodes.len()];
    let mut below = vec![Vec::new(); tree.nodes.len()];
    let mut tops = Vec::new();
    let mut rooted = vec![false; tree.nodes.len()];
    for (id, node) in tree.walk() {
        rooted[id.0] = node.parent.map_or(node.entry == Entry::Root, |parent| rooted[parent.0]);
        if let Some(parent) = node.parent {
            let above = tree.node(parent);
            let passes = matches!(above.span.kind, Kind::Internal | Kind::Unspecified)
                && above.span.status == Status::Unset;
            explains[id.0] = match () {
                () if above.failed() => Some(parent),
                () if passes => explains[parent.0],
                () => None,
            };
        }
        if node.failed() {
            match explains[id.0] {
                Some(above) => below[above.0].push(id),
                None => tops.push(id),
            }
        }
    }
    let mut repaired = vec![false; tree.nodes.len()];
    for run in runs(tree).iter().filter(|run| run.ok(tree)) {
        run.attempts.iter().filter(|&&id| tree.node(id).failed()).for_each(|id| repaired[id.0] = true);
    }
    Causes { below, tops, repaired, rooted }
}

fn top(tree: &Tree, causes: &Causes) -> Option<NodeId> {
    let open = causes.tops.iter().copied().filter(|id| !causes.repaired[id.0]);
    open.min_by_key(|&id| {
        let node = tree.node(id);
        // A part whose link to the root is missing may be the part that matters, and may not.
        (!causes.rooted[id.0], node.depth, std::cmp::Reverse(node.end_ns), id)
    })
}

/// From a failed span to what explains it, and on. At a fork to what ended last, as long as it ended before what it is
/// to explain.
fn descend(tree: &Tree, causes: &Causes, top: NodeId) -> (Vec<NodeId>, bool) {
    let (mut path, mut forked) = (vec![top], false);
    loop {
        let at = *path.last().expect("it begins with the top");
        let end_ns = tree.node(at).end_ns;
        let open = causes.below[at.0].iter().copied().filter(|id| !causes.repaired[id.0]);
        let last = open.clone().max_by_key(|&id| {
            let node = tree.node(id);
            (node.end_ns <= end_ns, node.end_ns, id)
        });
        let Some(last) = last else { return (path, forked) };
        forked |= open.count() > 1;
        path.push(last);
    }
}

/// What explains the failure of any span of a tree.
pub(crate) struct Origins<'a> {
    tree: &'a Tree,
    causes: Causes,
}

impl<'a> Origins<'a> {
    pub(crate) fn of(tree: &'a Tree) -> Self {
        Self { tree, causes: causes(tree) }
    }

    /// The deepest failed span that leads to the failure of this one; itself where nothing does.
    pub(crate) fn origin(&self, failed: NodeId) -> NodeId {
        let (path, _) = descend(self.tree, &self.causes, failed);
        path.last().copied().unwrap_or(failed)
    }
}

/// At which stage of which call the origin failed.
fn judge(tree: &Tree, origin: NodeId) -> Failure {
    let node = tree.node(origin);
    let fault = node.fault.clone().expect("an origin failed");
    let (caller, call) = match call(tree, origin) {
        Some(call) => (Some(origin), call),
        None => within(tree, origin),
    };
    let service = match call.stage {
        Stage::Own | Stage::CalleeFailed if call.callee.is_some() || call.stage == Stage::Own => {
            node.service().to_owned()
        }
        _ => call.called.clone().unwrap_or_else(|| node.service().to_owned()),
    };
    Failure {
        stage: call.stage,
        origin: tree.place(origin),
        service,
        caller: caller.map(|id| tree.place(id)),
        callee: call.callee.map(|id| tree.place(id)),
        called: call.called,
        reason: fault.reason,
        sign: fault.sign,
        timeout: fault.timeout,
        late_ns: call.late_ns,
        root_failed: false,
        choice: Choice::Only,
        path: Vec::new(),
        others: Vec::new(),
        others_total: 0,
    }
}

/// The call within which a span failed: the one that its service answers with it.
fn within(tree: &Tree, origin: NodeId) -> (Option<NodeId>, Call) {
    let own = Call { stage: Stage::Own, callee: None, called: None, late_ns: 0 };
    let mut at = origin;
    loop {
        if let Some(caller) = tree.caller(at) {
            let called = Some(tree.node(at).service().to_owned());
            let failed = Call { stage: Stage::CalleeFailed, callee: Some(at), called, late_ns: 0 };
            let seen = call(tree, caller).map(|seen| Call { callee: Some(at), ..seen });
            // The caller may not have seen it, or may have seen less; but that the callee failed is certain.
            let stage = |seen: &Call| match seen.stage {
                Stage::SlowCallee | Stage::CalleeRefused => seen.stage,
                Stage::CalleeFailed | Stage::AnswerLost | Stage::NeverArrived | Stage::Own => {
                    Stage::CalleeFailed
                }
            };
            let judged = seen.map_or(failed, |seen| Call { stage: stage(&seen), ..seen });
            return (Some(caller), judged);
        }
        match tree.node(at).parent {
            Some(parent) => at = parent,
            None => return (None, own),
        }
    }
}
