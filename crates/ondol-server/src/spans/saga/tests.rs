//! Journals, and the spans they are.

use ondol_core::{Finish, Trouble};
use ondol_telemetry::model::Kind;

use super::*;

const SYSTEM: &str = "
ondol: 1
services: { flight: { url: 'http://f' }, payment: { url: 'http://p' } }
sagas:
  book-flight:
    steps:
      - name: hold-seat
        action: flight POST /flights/${{ input.flight }}/seats/${{ input.seat }}/hold
        compensate: flight POST /flights/${{ input.flight }}/release
      - { name: pay, action: payment POST /charges, compensate: none }
";

const HOLD: StepId = 0;
const PAY: StepId = 1;

fn blueprint() -> Arc<Blueprint> {
    let report = ondol_spec::lint(SYSTEM);
    let system = report.system.expect("the system is good");
    let definition = Arc::clone(&system.definitions["book-flight"]);
    Arc::new(Blueprint::new("book-flight".into(), 1, definition))
}

fn submitted(trace: (u128, u64)) -> Fact {
    Fact::Submitted(Box::new(Submission {
        run: 7,
        definition: "book-flight".into(),
        version: 1,
        request: 0,
        trace,
        input: b"{}".as_slice().into(),
    }))
}

fn started(step: StepId, half: Half, number: u32) -> Fact {
    Fact::Started { attempt: Attempt { step, half, number }, digest: (number == 1).then_some(1) }
}

fn ended(step: StepId, half: Half, number: u32, finish: Finish, then: Then) -> Fact {
    Fact::Finished { attempt: Attempt { step, half, number }, finish, then }
}

fn done() -> Finish {
    Finish::Done(b"{}".as_slice().into())
}

fn refused(reason: &str) -> Finish {
    Finish::Refused { reason: reason.into(), sealed: true }
}

/// Each fact a millisecond after the one before, from 1 s after 1970.
fn events(facts: Vec<Fact>) -> Vec<Event> {
    facts.into_iter().zip(1_000..).map(|(fact, at_ms)| Event { at_ms, fact }).collect()
}

/// The spans, those that go on last; `seen` of the first attempt that ended.
fn spans(facts: Vec<Fact>, mut seen: Option<Seen>) -> Vec<Span> {
    let events = events(facts);
    let Fact::Submitted(submission) = &events[0].fact else { panic!("it begins with a submission") };
    let id = SagaId::new("b-1").expect("an id");
    let source = Arc::new(crate::spans::source());
    let mut fold = Fold::new(&id, submission, (&blueprint(), &source), 1_000);
    let mut spans = Vec::new();
    for event in &events {
        let ends = matches!(event.fact, Fact::Finished { .. });
        let seen = if ends { seen.take() } else { None };
        fold.take(event, seen.as_ref(), &mut spans);
    }
    fold.running(2_000, &mut spans);
    spans
}

/// One line a span, as a tree.
fn picture(spans: &[Span]) -> String {
    let known = |id: SpanId| spans.iter().any(|span| span.span_id == id);
    let mut lines: Vec<String> = Vec::new();
    let roots = spans.iter().filter(|span| span.parent.is_none_or(|parent| !known(parent)));
    let mut stack: Vec<(usize, &Span)> = roots.map(|span| (0, span)).collect();
    while let Some((depth, span)) = stack.pop() {
        let us = |ns: u64| ns.saturating_sub(1_000 * NS_OF_MS) / 1_000;
        let (pad, from, to) = ("  ".repeat(depth), us(span.start_ns), us(span.end_ns()));
        let (status, said) = (span.status, &span.status_message);
        lines.push(format!("{pad}{} [{:?}] {from}..{to} us {status:?} {said:?}", span.name, span.kind));
        let shown = span.attributes.0.iter().filter(|(name, _)| !matches!(name.as_str(), "ondol.saga.id"));
        let shown: Vec<String> = shown.map(|(name, value)| format!("{name}={value}")).collect();
        lines.push(format!("{pad}    {}", shown.join(" ")));
        for moment in &span.events {
            let pairs = moment.attributes.0.iter().map(|(name, value)| format!("{name}={value}"));
            let pairs = pairs.collect::<Vec<_>>().join(" ");
            lines.push(format!("{pad}    @{} {} {pairs}", us(moment.time_ns), moment.name));
        }
        let mut children: Vec<_> = spans.iter().filter(|child| child.parent == Some(span.span_id)).collect();
        children.sort_by_key(|child| std::cmp::Reverse(child.start_ns));
        stack.extend(children.into_iter().map(|child| (depth + 1, child)));
    }
    lines.join("\n")
}

fn declined() -> Vec<Fact> {
    vec![
        submitted((0, 0)),
        started(HOLD, Half::Action, 1),
        ended(
            HOLD,
            Half::Action,
            1,
            Finish::Unclear("flight at f:80: no answer within 2000 ms".into()),
            Then::Retry { due_ms: 1_003 },
        ),
        started(HOLD, Half::Action, 2),
        ended(HOLD, Half::Action, 2, done(), Then::Settle),
        started(PAY, Half::Action, 1),
        ended(
            PAY,
            Half::Action,
            1,
            refused("payment answered 402 Payment Required: the card was declined"),
            Then::Settle,
        ),
        Fact::TurnedBack(Cause::Step(PAY)),
        started(HOLD, Half::Compensation, 1),
        ended(HOLD, Half::Compensation, 1, done(), Then::Settle),
        Fact::Compensated,
        Fact::Noticed { notice: 0, delivery: ondol_core::Delivery::Delivered },
    ]
}

#[test]
fn a_saga_that_was_undone() {
    let seen = Seen {
        from_ns: 1_001_200_000,
        to_ns: 1_002_400_000,
        address: Some("f:80".to_owned()),
        status: None,
        replayed: false,
    };
    insta::assert_snapshot!(picture(&spans(declined(), Some(seen))));
}

#[test]
fn a_saga_that_stands_still_is_shown() {
    let facts = vec![
        submitted((0xabc, 9)),
        started(HOLD, Half::Action, 1),
        Fact::Lost {
            attempt: Attempt { step: HOLD, half: Half::Action, number: 1 },
            then: Then::Retry { due_ms: 1_002 },
        },
        started(HOLD, Half::Action, 2),
        ended(HOLD, Half::Action, 2, done(), Then::Settle),
        started(PAY, Half::Action, 1),
        ended(
            PAY,
            Half::Action,
            1,
            Finish::Unclear("payment answered 503 Service Unavailable".into()),
            Then::Stick(Trouble::Exhausted),
        ),
        Fact::Parked,
        Fact::Retried { step: PAY, half: Half::Action },
        started(PAY, Half::Action, 2),
    ];
    insta::assert_snapshot!(picture(&spans(facts, None)));
}

#[test]
fn what_a_person_did_is_in_it() {
    let facts = vec![
        submitted((0, 0)),
        started(HOLD, Half::Action, 1),
        Fact::Paused,
        ended(
            HOLD,
            Half::Action,
            1,
            Finish::Unclear("flight answered 500".into()),
            Then::Stick(Trouble::Exhausted),
        ),
        Fact::Parked,
        Fact::Resumed,
        Fact::Edited { input: b"{}".as_slice().into(), note: "another seat".into() },
        Fact::Vouched { step: HOLD, vouch: Vouch::NoEffect, note: "looked".into() },
        Fact::TurnedBack(Cause::Cancelled),
        Fact::Compensated,
    ];
    insta::assert_snapshot!(picture(&spans(facts, None)));
}

#[test]
fn what_waits_is_given_up_when_time_runs_out() {
    let facts = vec![
        submitted((0, 0)),
        started(HOLD, Half::Action, 1),
        ended(
            HOLD,
            Half::Action,
            1,
            Finish::Unclear("flight answered 500".into()),
            Then::Retry { due_ms: 9_000 },
        ),
        Fact::TurnedBack(Cause::Timeout),
        started(HOLD, Half::Compensation, 1),
        Fact::Unrendered {
            step: HOLD,
            half: Half::Compensation,
            reason: "input.flight is missing".into(),
            then: Then::Stick(Trouble::RenderChanged),
        },
        Fact::Parked,
    ];
    insta::assert_snapshot!(picture(&spans(facts, None)));
}

#[test]
fn spans_are_the_same_however_often_they_are_made() {
    let (first, again) = (spans(declined(), None), spans(declined(), None));
    assert_eq!(first, again);
    let mut ids: Vec<SpanId> = first.iter().map(|span| span.span_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), first.len(), "each once");
    let callee_sees = trace::span(7, Attempt { step: PAY, half: Half::Action, number: 1 }).to_be_bytes();
    let pay =
        first.iter().find(|span| span.span_id.0 == callee_sees).expect("the parent that payment was given");
    assert_eq!((pay.kind, pay.attributes.get("http.response.status_code")), (Kind::Client, Some("402")));
}

#[test]
fn no_history_of_facts_breaks_it() {
    // Facts that the core would never write in this order: a damaged journal must not stop the follower.
    let all = || {
        [
            started(HOLD, Half::Action, 1),
            ended(PAY, Half::Action, 3, done(), Then::Settle),
            Fact::Withdrawn { step: PAY },
            Fact::Vouched { step: 9, vouch: Vouch::NotNeeded, note: "".into() },
            Fact::Retried { step: 9, half: Half::Compensation },
            Fact::Completed(Output::Error("no output".into())),
            Fact::Compensated,
        ]
    };
    for at in 0..7 {
        let mut facts = vec![submitted((0, 0))];
        let mut rest = all().to_vec();
        rest.rotate_left(at);
        facts.extend(rest);
        assert!(!spans(facts, None).is_empty());
    }
}
