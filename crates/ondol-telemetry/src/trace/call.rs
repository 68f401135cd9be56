//! One call, seen from both of its sides.

#![expect(clippy::similar_names, reason = "caller, callee and called are the words of the field")]

use serde::Serialize;

use super::fault::{Fault, Sign, grpc_status, http_status};
use super::names::{self, first};
use super::tree::{Node, NodeId, Tree};
use crate::model::Kind;

/// At which stage of a call it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The callee failed.
    CalleeFailed,
    /// The callee was well and said no: 4xx, or a code of gRPC that speaks of the request.
    CalleeRefused,
    /// The callee did its work and succeeded, and the caller saw an error all the same: its answer was lost.
    AnswerLost,
    /// The caller saw an error and the callee has no span: it was never reached, or sends no telemetry.
    NeverArrived,
    /// The caller gave up while the callee went on.
    SlowCallee,
    /// No call is involved: the work itself failed.
    Own,
}

/// A call that failed for its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// How.
    pub(crate) stage: Stage,
    /// The callee's span.
    pub(crate) callee: Option<NodeId>,
    /// Who was called, as far as anything says: the callee's span, else the caller's attributes.
    pub(crate) called: Option<String>,
    /// By how much the callee outlived the caller's patience, in nanoseconds.
    pub(crate) late_ns: u64,
}

impl Tree {
    /// The called side of a call.
    pub(crate) fn callee(&self, caller: NodeId) -> Option<NodeId> {
        let node = self.node(caller);
        let elsewhere = |child: &Node| child.service() != node.service();
        let pairs = |child: &Node| match node.span.kind {
            Kind::Client | Kind::Producer => {
                child.answers() || (child.span.kind == Kind::Unspecified && elsewhere(child))
            }
            Kind::Unspecified => elsewhere(child),
            Kind::Internal | Kind::Server | Kind::Consumer => false,
        };
        node.children.iter().copied().find(|&child| pairs(self.node(child)))
    }

    /// The calling side of a call that this span answers.
    pub(crate) fn caller(&self, callee: NodeId) -> Option<NodeId> {
        let node = self.node(callee);
        let parent = node.parent?;
        let above = self.node(parent);
        let pairs = above.service() != node.service() || (above.calls() && node.answers());
        pairs.then_some(parent)
    }

    /// Who a calling span says it calls.
    pub(crate) fn peer(&self, caller: NodeId) -> Option<&str> {
        let callee = self.callee(caller).map(|callee| self.node(callee).service());
        callee.or_else(|| first(&self.node(caller).span, &names::PEER))
    }
}

/// What became of a call that failed for its caller; nothing where it did not, or where the span makes no call.
pub(crate) fn call(tree: &Tree, caller: NodeId) -> Option<Call> {
    let node = tree.node(caller);
    let fault = node.fault.as_ref()?;
    let callee = tree.callee(caller);
    if callee.is_none() && !node.calls() {
        return None;
    }
    let called = tree.peer(caller).map(str::to_owned);
    let late_ns = callee.map_or(0, |callee| tree.node(callee).end_ns.saturating_sub(node.end_ns));
    let stage = match callee {
        Some(callee) => with_callee(node, fault, tree.node(callee), late_ns),
        None => alone(node, fault),
    };
    Some(Call { stage, callee, called, late_ns })
}

fn with_callee(caller: &Node, fault: &Fault, callee: &Node, late_ns: u64) -> Stage {
    // Whatever it said in the end came too late. A connection that broke is another matter: nobody was impatient.
    if late_ns > 0 && !fault.network && !answered(fault) {
        return Stage::SlowCallee;
    }
    if callee.failed() {
        return match callee.fault.as_ref().map(|fault| &fault.sign) {
            Some(Sign::Http(400..=499)) => Stage::CalleeRefused,
            Some(Sign::Grpc(code)) if !grpc_server_fault(*code) => Stage::CalleeRefused,
            _ => Stage::CalleeFailed,
        };
    }
    let http = http_status(&callee.span).or_else(|| http_status(&caller.span));
    if http.is_some_and(|status| (400..500).contains(&status)) {
        return Stage::CalleeRefused;
    }
    let grpc = grpc_status(&callee.span).filter(|&code| code != 0);
    let same = |code: u8| matches!(fault.sign, Sign::Grpc(seen) if !grpc_server_fault(seen) && code != 0);
    if grpc.is_some() || grpc_status(&caller.span).is_some_and(same) {
        return Stage::CalleeRefused;
    }
    Stage::AnswerLost
}

/// No span of the callee. A status that came is an answer, of one that sends no spans; so is a database's error.
fn alone(caller: &Node, fault: &Fault) -> Stage {
    let database = first(&caller.span, &names::DATABASE).is_some();
    match fault.sign {
        Sign::Http(400..=499) => Stage::CalleeRefused,
        Sign::Http(_) => Stage::CalleeFailed,
        Sign::Grpc(code) if fault.timeout || fault.network || code == 1 => Stage::NeverArrived,
        Sign::Grpc(code) if grpc_server_fault(code) => Stage::CalleeFailed,
        Sign::Grpc(_) => Stage::CalleeRefused,
        Sign::ErrorType(_) | Sign::Exception(_) | Sign::Status => {
            let answered = first(&caller.span, &names::DATABASE_STATUS).is_some();
            if answered || (database && !fault.timeout && !fault.network) {
                Stage::CalleeFailed
            } else {
                Stage::NeverArrived
            }
        }
    }
}

/// Did the caller see an answer, rather than the end of somebody's patience?
fn answered(fault: &Fault) -> bool {
    match fault.sign {
        // A proxy between the two says 408 and 504 when it is tired of waiting.
        Sign::Http(status) => !matches!(status, 408 | 504),
        // CANCELLED is the caller's own.
        Sign::Grpc(code) => code != 1 && !fault.timeout && !fault.network,
        Sign::ErrorType(_) | Sign::Exception(_) | Sign::Status => false,
    }
}

const fn grpc_server_fault(code: u8) -> bool {
    matches!(code, 2 | 4 | 12 | 13 | 14 | 15)
}
