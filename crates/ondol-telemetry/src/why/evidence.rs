//! What a trace says of a saga's attempts, and what became of an attempt when both are heard.

use rustc_hash::FxHashMap;

use super::case::{Attempt, Doubt, Half, Outcome, Step};
use super::sentence::{Answer, Failing};
use super::story::Stage;
use crate::trace::{self, NodeId, Origins, Tree, one_line};

/// Attributes of the spans of Ondol's own attempts.
const STEP: &str = "ondol.step";
const HALF: &str = "ondol.half";
const ATTEMPT: &str = "ondol.attempt";

/// The spans of a saga's attempts.
pub(super) struct Evidence<'a> {
    tree: Option<&'a Tree>,
    origins: Option<Origins<'a>>,
    attempts: FxHashMap<(String, String, u32), NodeId>,
}

/// What became of an attempt.
pub(super) struct Judged {
    pub(super) stage: Stage,
    pub(super) reason: String,
    pub(super) said: Vec<Failing>,
    /// The spans that saw it: the caller's, the callee's, the one where it began.
    pub(super) spans: Vec<NodeId>,
    /// How long the caller waited, in nanoseconds.
    pub(super) waited_ns: u64,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(tree: Option<&'a Tree>) -> Self {
        let mut attempts = FxHashMap::default();
        for (id, node) in tree.iter().flat_map(|tree| tree.walk()) {
            let [step, half, number] = [STEP, HALF, ATTEMPT].map(|name| node.span.attributes.get(name));
            if let (Some(step), Some(half), Some(number)) = (step, half, number)
                && let Ok(number) = number.parse()
            {
                attempts.entry((step.to_owned(), half.to_owned(), number)).or_insert(id);
            }
        }
        Self { tree, origins: tree.map(Origins::of), attempts }
    }

    fn span(&self, step: &str, half: Half, number: u32) -> Option<(&'a Tree, NodeId)> {
        let key = (step.to_owned(), half.name().to_owned(), number);
        Some((self.tree?, *self.attempts.get(&key)?))
    }

    /// Did the callee answer this attempt from what an earlier one had done?
    pub(super) fn replayed(&self, step: &str, attempt: &Attempt) -> bool {
        let said = matches!(attempt.outcome, Outcome::Done { replayed: true });
        let span = || self.span(step, attempt.half, attempt.number);
        said || span().is_some_and(|(tree, id)| trace::replayed(tree, id))
    }

    /// Why an attempt failed; nothing where it did not.
    pub(super) fn judge(&self, step: &Step, attempt: &Attempt) -> Option<Judged> {
        let service = one_line(&step.service);
        let span = self.span(&step.name, attempt.half, attempt.number);
        let call = span.and_then(|(tree, id)| trace::call(tree, id));
        let spans: Vec<NodeId> = span
            .iter()
            .map(|(_, id)| *id)
            .chain(call.iter().filter_map(|call| call.callee))
            .chain(span.iter().filter_map(|&(_, id)| Some(self.origins.as_ref()?.origin(id))))
            .collect();
        let ended_ns = attempt.ended_ns.unwrap_or(attempt.started_ns);
        let judged = |stage: Stage, reason: &str, said: Vec<Failing>| Judged {
            stage,
            reason: one_line(reason),
            said,
            spans: spans.clone(),
            waited_ns: ended_ns.saturating_sub(attempt.started_ns),
        };
        let deeper = || span.and_then(|(_, id)| self.deeper(id));
        match &attempt.outcome {
            Outcome::Done { .. } | Outcome::InFlight => None,
            Outcome::NotSent { reason } => {
                let said = Failing::NotReached { service, reason: words(reason) };
                Some(judged(Stage::NeverArrived, reason, vec![said]))
            }
            Outcome::Refused { status, reason } => {
                let answer = answer(&service, *status, reason);
                let said = [Some(Failing::Refused { service, answer }), deeper()];
                Some(judged(Stage::CalleeRefused, reason, said.into_iter().flatten().collect()))
            }
            Outcome::Unclear { doubt, reason } => {
                let late_ns = call.as_ref().map_or(0, |call| call.late_ns);
                let seen = match call.map(|call| call.stage) {
                    // It was late, whatever a later attempt was told.
                    Some(trace::Stage::SlowCallee) => Some(trace::Stage::SlowCallee),
                    _ if self.did_it(step, attempt) => Some(trace::Stage::AnswerLost),
                    seen => seen,
                };
                let doubted = Doubted { service, doubt: *doubt, reason, late_ns, traced: span.is_some() };
                let (stage, mut said) = doubted.judge(seen);
                said.extend(deeper().filter(|_| stage != Stage::AnswerLost));
                Some(judged(stage, reason, said))
            }
        }
    }

    /// Where it began, where that is below both sides of the call.
    fn deeper(&self, caller: NodeId) -> Option<Failing> {
        let tree = self.tree?;
        let origin = self.origins.as_ref()?.origin(caller);
        if origin == caller || tree.callee(caller) == Some(origin) {
            return None;
        }
        let node = tree.node(origin);
        Some(Failing::Deeper {
            service: one_line(node.service()),
            name: one_line(&node.span.name),
            reason: words(&node.fault.as_ref()?.reason),
        })
    }

    /// A later attempt of the same half was answered from what had been done: the last one before it that is in doubt
    /// did it.
    fn did_it(&self, step: &Step, attempt: &Attempt) -> bool {
        let later =
            step.attempts.iter().filter(|later| later.half == attempt.half && later.number > attempt.number);
        for later in later {
            if self.replayed(&step.name, later) {
                return true;
            }
            if matches!(later.outcome, Outcome::Unclear { .. }) {
                return false;
            }
        }
        false
    }
}

/// An attempt of which nobody knows whether it took effect.
struct Doubted<'a> {
    service: String,
    doubt: Doubt,
    reason: &'a str,
    late_ns: u64,
    traced: bool,
}

impl Doubted<'_> {
    /// `seen` is what the trace says.
    fn judge(self, seen: Option<trace::Stage>) -> (Stage, Vec<Failing>) {
        let Self { service, doubt, reason, late_ns, traced } = self;
        let status = match doubt {
            Doubt::Status(status) => Some(status),
            Doubt::Timeout | Doubt::Reset | Doubt::Stopped | Doubt::Other => None,
        };
        let answer = answer(&service, status, reason);
        let reason = words(reason);
        match seen {
            Some(trace::Stage::AnswerLost) => {
                (Stage::AnswerLost, vec![Failing::AnswerLost { service, reason }])
            }
            Some(trace::Stage::SlowCallee) => {
                (Stage::SlowCallee, vec![Failing::Slow { service, reason, late_ns }])
            }
            Some(trace::Stage::CalleeRefused) => {
                let may = Failing::MayHaveDone { service: service.clone() };
                (Stage::CalleeRefused, vec![Failing::Refused { service, answer }, may])
            }
            Some(trace::Stage::CalleeFailed) => failed(service, answer),
            Some(trace::Stage::NeverArrived | trace::Stage::Own) | None => match status {
                Some(_) => failed(service, answer),
                None if traced => (Stage::Unclear, vec![Failing::NoSpan { service, reason }]),
                None => (Stage::Unclear, vec![Failing::Unclear { service, doubt, reason }]),
            },
        }
    }
}

fn failed(service: String, answer: Answer) -> (Stage, Vec<Failing>) {
    let may = Failing::MayHaveDone { service: service.clone() };
    (Stage::CalleeFailed, vec![Failing::Failed { service, answer }, may])
}

/// What a service answered, from the sentence that Ondol or a tracer made of it: `payment answered 402 Payment
/// Required: the card was declined`.
pub(super) fn answer(service: &str, status: Option<u16>, reason: &str) -> Answer {
    let line = words(reason);
    let rest = line.strip_prefix(service).and_then(|rest| rest.strip_prefix(" answered "));
    let Some(rest) = rest else { return Answer { status, words: line } };
    let read: Option<u16> = rest.get(..3).and_then(|digits| digits.parse().ok());
    let said = rest.split_once(": ").map_or("", |(_, said)| said);
    match status.or(read) {
        Some(status) => Answer { status: Some(status), words: said.to_owned() },
        None => Answer { status: None, words: line },
    }
}

/// On one line, without the full stop that the sentence around it brings.
pub(super) fn words(reason: &str) -> String {
    one_line(reason).trim_end_matches(['.', ' ']).to_owned()
}
