//! A trace's part of the story.

#![expect(clippy::similar_names, reason = "caller, callee and called are the words of the field")]

use super::evidence::{answer, words};
use super::sentence::{Asked, Failing, Headline, Progress, Retried, Sentence, Unknown, Went};
use super::story::Stage;
use crate::model::SpanId;
use crate::trace::{Analysis, Choice, Failure, Place, Segment, Sign, Verdict, one_line};

/// So many services are named in a row; more are only counted by the reader's patience.
const SERVICES_NAMED_MAX: usize = 12;
/// So many corrections of clocks are named.
const SHIFTS_NAMED_MAX: usize = 3;
/// What took less than this share of the whole is not worth naming as where the time went.
const SLOWEST_SHARE: u64 = 2;

/// What failed.
pub(super) struct Told {
    pub(super) service: String,
    pub(super) stage: Stage,
    pub(super) reason: String,
    pub(super) said: Vec<Failing>,
}

/// A call that was repeated.
pub(super) struct Run {
    pub(super) service: String,
    pub(super) attempts: u64,
    pub(super) ok: bool,
    pub(super) replayed: bool,
}

pub(super) fn headline(analysis: &Analysis, root: &Place, writer: Option<&str>) -> Headline {
    let (name, service, took_ns) = (one_line(&root.name), one_line(&root.service), analysis.duration_ns);
    let culprit = analysis.failure.as_ref().map(|failure| one_line(&failure.service)).unwrap_or_default();
    match analysis.verdict {
        Verdict::Failed => Headline::TraceFailed { name, service, culprit, took_ns },
        Verdict::Tolerated => Headline::TraceTolerated { name, service, culprit, took_ns },
        Verdict::Healthy | Verdict::Empty | Verdict::Repaired if writer.is_some() => {
            Headline::TraceLogged { name, service, writer: writer.map(one_line).unwrap_or_default(), took_ns }
        }
        Verdict::Repaired => Headline::Trace { name, service, went: Went::Repaired, took_ns },
        Verdict::Healthy | Verdict::Empty => Headline::Trace { name, service, went: Went::Healthy, took_ns },
    }
}

pub(super) fn asked(root: &Place) -> Asked {
    let (name, service) = (one_line(&root.name), one_line(&root.service));
    Asked::Trace { at_ns: root.start_ns, name, service }
}

pub(super) fn progress(analysis: &Analysis) -> Vec<Sentence> {
    let named = analysis.services.iter().take(SERVICES_NAMED_MAX);
    let mut services: Vec<String> = named.map(|share| one_line(&share.service)).collect();
    if analysis.services.len() > SERVICES_NAMED_MAX {
        services.push("…".to_owned());
    }
    let mut said =
        vec![Progress::Through { services, spans: analysis.spans, errors: analysis.errors }.into()];
    said.extend(slowest(analysis).map(Sentence::from));
    said
}

/// The span that most of the time was spent in, where that is one.
fn slowest(analysis: &Analysis) -> Option<Progress> {
    let mut spans: Vec<(SpanId, u64, &Segment)> = Vec::new();
    for segment in &analysis.critical {
        match spans.iter_mut().find(|(id, ..)| *id == segment.span_id) {
            Some((_, took_ns, _)) => *took_ns += segment.length_ns(),
            None => spans.push((segment.span_id, segment.length_ns(), segment)),
        }
    }
    let (_, took_ns, segment) = spans.into_iter().max_by_key(|(_, took_ns, _)| *took_ns)?;
    let (service, name) = (one_line(&segment.service), one_line(&segment.name));
    let whole_ns = analysis.duration_ns;
    (analysis.spans > 1 && took_ns >= whole_ns / SLOWEST_SHARE).then_some(Progress::Slowest {
        service,
        name,
        took_ns,
        whole_ns,
    })
}

/// What failed, in plain words.
pub(super) fn failing(failure: &Failure) -> Told {
    let called = one_line(failure.called.as_ref().unwrap_or(&failure.service));
    let service = one_line(&failure.service);
    let reason = words(&failure.reason);
    let stage = Stage::from(failure.stage);
    let status = match failure.sign {
        Sign::Http(status) => Some(status),
        Sign::Grpc(_) | Sign::ErrorType(_) | Sign::Exception(_) | Sign::Status => None,
    };
    let mut answer = answer(&called, status, &failure.reason);
    // What the status alone says needs no words.
    if status.is_some_and(|status| answer.words == format!("HTTP {status}")) {
        answer.words.clear();
    }
    let place =
        Failing::Span { service: one_line(&failure.origin.service), name: one_line(&failure.origin.name) };
    let said = match stage {
        Stage::CalleeFailed => Failing::Failed { service: called, answer },
        Stage::CalleeRefused => Failing::Refused { service: called, answer },
        Stage::AnswerLost => Failing::AnswerLost { service: called, reason },
        Stage::NeverArrived => Failing::NoSpan { service: called, reason },
        Stage::SlowCallee => Failing::Slow { service: called, reason, late_ns: failure.late_ns },
        Stage::Own | Stage::Unclear | Stage::Unusable | Stage::Saga => {
            Failing::Own { service: service.clone(), reason }
        }
    };
    let mut text = vec![place, said];
    if failure.choice != Choice::Only && failure.others_total > 0 {
        text.push(Failing::Chosen { choice: failure.choice, others: failure.others_total });
    }
    Told { service, stage, reason: one_line(&failure.reason), said: text }
}

/// Calls that were repeated.
pub(super) fn retried(analysis: &Analysis) -> Vec<(Run, Retried)> {
    let each = analysis.retries.iter().map(|run| {
        let caller = one_line(&run.service);
        let called = one_line(run.called.as_ref().unwrap_or(&run.name));
        let (name, reason, attempts) = (one_line(&run.name), words(&run.reason), run.attempts);
        let of = Run { service: called.clone(), attempts, ok: run.ok, replayed: run.replayed };
        let said = match (run.ok, run.replayed) {
            (true, true) => Retried::CallReplayed { caller, called, name, reason },
            (true, false) => Retried::CallOk { caller, called, name, attempts, reason },
            (false, _) => Retried::CallInVain { caller, called, name, attempts, reason },
        };
        (of, said)
    });
    each.collect()
}

/// What is not known, and what was corrected.
pub(super) fn unknown(analysis: &Analysis) -> Vec<Sentence> {
    let mut said = Vec::new();
    if !analysis.rooted {
        said.push(Unknown::Unrooted);
    }
    // The main root, where it is one, is told of already.
    let orphans = analysis.orphans.saturating_sub(u64::from(!analysis.rooted));
    if orphans > 0 {
        said.push(Unknown::Orphans { count: orphans });
    }
    if !analysis.cycles.is_empty() {
        said.push(Unknown::Cycles { count: analysis.cycles.len() as u64 });
    }
    let shifts = analysis.shifts.iter().take(SHIFTS_NAMED_MAX);
    said.extend(
        shifts.map(|shift| Unknown::Shifted { service: one_line(&shift.service), by_ns: shift.by_ns }),
    );
    let more = analysis.shifted.saturating_sub(SHIFTS_NAMED_MAX as u64);
    if more > 0 {
        said.push(Unknown::ShiftedMore { count: more });
    }
    if analysis.duplicates > 0 {
        said.push(Unknown::Duplicates { count: analysis.duplicates });
    }
    said.into_iter().map(Sentence::from).collect()
}
