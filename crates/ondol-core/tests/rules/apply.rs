//! Facts that cannot follow, each leaving the state as it was.

use std::sync::Arc;

use ondol_core::{
    Attempt, Cause, Delivery, Event, Fact, Finish, Half, Illegal, Output, Saga, Text, Then, Trouble, Vouch,
    fold,
};

use crate::notation;
use crate::script::{Run, submission};

const fn attempt(step: u16, half: Half, number: u32) -> Attempt {
    Attempt { step, half, number }
}

fn text() -> Text {
    "text".into()
}

fn started(step: u16, half: Half, number: u32, digest: Option<u128>) -> Fact {
    Fact::Started { attempt: attempt(step, half, number), digest }
}

fn finished(step: u16, half: Half, number: u32, finish: Finish, then: Then) -> Fact {
    Fact::Finished { attempt: attempt(step, half, number), finish, then }
}

fn done() -> Finish {
    Finish::Done(b"{}".as_slice().into())
}

fn refused() -> Finish {
    Finish::Refused { reason: text(), sealed: false }
}

const AGAIN: Then = Then::Retry { due_ms: 1 };
const STUCK: Then = Then::Stick(Trouble::Refused);

/// Runs the lines, then applies one fact that must not fit.
fn check(plan: &str, lines: &[&str], fact: &Fact, why: &str) {
    let mut run = Run::new(plan);
    for line in lines {
        run.line(line);
    }
    let before = run.saga.clone();
    let applied = run.saga.apply(&Event { at_ms: u64::MAX, fact: fact.clone() });
    let expected = Illegal { seq: before.seq() + 1, why: "" };
    let illegal = applied.expect_err(&format!("{lines:?} then {fact:?} fits"));
    assert_eq!((illegal.seq, illegal.why), (expected.seq, why), "{lines:?} then {fact:?}");
    assert_eq!(run.saga, before, "{fact:?} left a trace");
}

const FIRST: &str = "a saga begins with its submission, and is submitted once";
const NOT_WAITING: &str = "the half was not waiting to be tried";
const NUMBERED: &str = "attempts are numbered one after the other";
const NOT_IN_FLIGHT: &str = "this attempt was not in flight";
const NOT_ASKED: &str = "no request of this half was asked for";
const NO_VOUCH: &str = "there is nothing to vouch for";
const NOT_TRIED: &str = "the half is not being tried";
const NO_STEP: &str = "the plan has no such step";

use Half::{Action, Compensation};

#[test]
fn the_frame() {
    check("a", &[], &Fact::Paused, FIRST);
    check("a", &["submit"], &Fact::Submitted(Box::new(submission())), FIRST);
    let ended = &["submit", "a done"];
    check("a", ended, &Fact::Paused, "the saga has ended");
    check("a", ended, &Fact::Completed(Output::None), "the saga has ended");
    let delivered = Delivery::Delivered;
    check("a", ended, &Fact::Noticed { notice: 0, delivery: delivered }, "there is no such notice");
    check("a notify", ended, &Fact::Noticed { notice: 1, delivery: delivered }, "there is no such notice");
}

#[test]
fn conditions() {
    let again = "the condition was answered before";
    check("a?", &["submit"], &Fact::Answered { step: 0, holds: true }, again);
    check("a? b", &["by hand", "submit", "answer a? no"], &Fact::Answered { step: 0, holds: true }, again);
    check("a?", &["by hand", "submit", "answer a? yes"], &Fact::Answered { step: 0, holds: false }, again);
    check("a?", &["submit"], &Fact::Answered { step: 1, holds: true }, NO_STEP);
}

#[test]
fn starts() {
    let asked = &["by hand", "submit"];
    check("a", asked, &started(0, Action, 1, None), NOT_WAITING);
    check("a", asked, &started(0, Action, 2, Some(1)), NUMBERED);
    check("a", asked, &started(0, Action, 0, Some(1)), NUMBERED);
    check("a", asked, &started(0, Compensation, 1, Some(1)), NOT_WAITING);
    check("a", asked, &started(1, Action, 1, Some(1)), NO_STEP);
    check("a", &["submit"], &started(0, Action, 2, None), NOT_WAITING);
    check("a", &["submit"], &started(0, Action, 1, Some(1)), NOT_WAITING);
    let waiting = &["submit", "a unclear 5s"];
    check("a", waiting, &started(0, Action, 2, Some(1)), NOT_WAITING);
    check("a", waiting, &started(0, Action, 1, None), NUMBERED);
    check("a", waiting, &started(0, Action, 3, None), NUMBERED);
    check("a b", &["submit", "a done"], &started(0, Action, 1, Some(1)), NOT_WAITING);
    let undoing = &["submit", "a unusable", "a' unclear 5s"];
    check("a", undoing, &started(0, Compensation, 2, Some(1)), NOT_WAITING);
    check("a", undoing, &started(0, Compensation, 3, None), NUMBERED);
    let skipped = &["by hand", "submit", "answer a? no", "cancel"];
    check("a? b", skipped, &started(0, Compensation, 1, Some(1)), "the saga has ended");
    let skipped = &["by hand", "submit", "answer a? no", "answer b 1", "cancel"];
    check("a? b", skipped, &started(0, Compensation, 1, Some(1)), NOT_WAITING);
    let stuck = &["submit", "a changed"];
    check("a", stuck, &started(0, Action, 2, None), NOT_WAITING);
    check("a", stuck, &started(0, Action, 2, Some(1)), NOT_WAITING);
}

#[test]
fn ends_of_attempts() {
    let settle = Then::Settle;
    check("a", &["submit"], &finished(0, Action, 2, done(), settle), NOT_IN_FLIGHT);
    check("a", &["submit"], &finished(0, Compensation, 1, done(), settle), NOT_IN_FLIGHT);
    check("a", &["submit"], &finished(1, Action, 1, done(), settle), NOT_IN_FLIGHT);
    check("a", &["submit", "a unclear 5s"], &finished(0, Action, 1, done(), settle), NOT_IN_FLIGHT);
    check("a b", &["submit", "a done"], &finished(0, Action, 1, done(), settle), NOT_IN_FLIGHT);
    let took = "what took effect is not tried again";
    check("a", &["submit"], &finished(0, Action, 1, done(), AGAIN), took);
    check("a", &["submit"], &finished(0, Action, 1, done(), STUCK), took);
    check("a", &["submit"], &finished(0, Action, 1, Finish::Unusable(text()), AGAIN), took);
    let failed = "a compensation that failed cannot be settled";
    let undoing = &["submit", "a unusable"];
    check("a", undoing, &finished(0, Compensation, 1, refused(), settle), failed);
    check("a", undoing, &finished(0, Compensation, 1, Finish::Unclear(text()), settle), failed);
}

#[test]
fn losses() {
    let lost = |half, number, then| Fact::Lost { attempt: attempt(0, half, number), then };
    check("a", &["submit"], &lost(Action, 2, AGAIN), NOT_IN_FLIGHT);
    check("a", &["submit", "a unclear 5s"], &lost(Action, 1, AGAIN), NOT_IN_FLIGHT);
    let again = "a lost attempt is tried again, or is an action that stays unclear";
    check("a", &["submit"], &lost(Action, 1, STUCK), again);
    check("a", &["submit", "a unusable"], &lost(Compensation, 1, Then::Settle), again);
    check("a", &["submit", "a unusable"], &lost(Compensation, 1, STUCK), again);
}

#[test]
fn renderings() {
    let unrendered = |step, half, then| Fact::Unrendered { step, half, reason: text(), then };
    let again = "what cannot be rendered is not tried again";
    check("a", &["by hand", "submit"], &unrendered(0, Action, AGAIN), again);
    check("a", &["by hand", "submit"], &unrendered(0, Compensation, STUCK), NOT_ASKED);
    check("a b", &["submit", "a done"], &unrendered(0, Action, STUCK), NOT_ASKED);
    check("a", &["submit", "a unusable"], &unrendered(0, Compensation, Then::Settle), again);
    check("a", &["submit"], &unrendered(1, Action, STUCK), NO_STEP);
    let withdrawn = "only an action that was to be sent can be withdrawn";
    check("a", &["by hand", "submit"], &Fact::Withdrawn { step: 0 }, withdrawn);
    check("a", &["submit", "a unclear 5s"], &Fact::Withdrawn { step: 0 }, withdrawn);
    check("a", &["submit", "a unusable"], &Fact::Withdrawn { step: 0 }, withdrawn);
    check("a", &["submit"], &Fact::Withdrawn { step: 1 }, NO_STEP);
}

#[test]
fn verbs() {
    let cancelled = || Fact::TurnedBack(Cause::Cancelled);
    check("a b", &["submit", "cancel"], &cancelled(), "the saga turned back before");
    check("a", &["submit", "pause"], &Fact::Paused, "the saga was paused before");
    check("a", &["submit"], &Fact::Resumed, "the saga was not paused");
    let retried = |step, half| Fact::Retried { step, half };
    check("a", &["submit"], &retried(0, Action), "the half is being tried already");
    check("a", &["submit"], &retried(0, Compensation), NOT_TRIED);
    check("a", &["submit"], &retried(1, Action), NOT_TRIED);
    let unasked = &["submit", "by hand", "a unusable", "answer a' fails", "retry a'"];
    check("a", unasked, &retried(0, Compensation), "the half is being tried already");
    let vouched = |step, vouch| Fact::Vouched { step, vouch, note: text() };
    let output = || Vouch::Completed(b"{}".as_slice().into());
    check("a", &["by hand", "submit"], &vouched(0, output()), NO_VOUCH);
    check("a b", &["submit", "a done"], &vouched(0, output()), NO_VOUCH);
    check("a", &["submit"], &vouched(0, Vouch::NotNeeded), NO_VOUCH);
    check("a", &["submit", "a unusable"], &vouched(0, Vouch::NoEffect), NO_VOUCH);
    check("a", &["submit", "a unusable"], &vouched(0, output()), NO_VOUCH);
    check("a", &["submit"], &vouched(1, output()), NO_STEP);
}

#[test]
fn a_journal_that_does_not_fold_names_its_event() {
    let plan = Arc::new(notation::plan("a").expect("it is a plan"));
    let event = |fact| Event { at_ms: 5, fact };
    let journal = [event(Fact::Submitted(Box::new(submission()))), event(Fact::Paused), event(Fact::Paused)];
    let illegal = fold(Arc::clone(&plan), &journal).expect_err("it was paused before");
    assert_eq!(illegal.to_string(), "event 3 cannot follow the ones before it: the saga was paused before");
    let folded = fold(Arc::clone(&plan), &journal[..2]).expect("the first two fit");
    assert_eq!((folded.seq(), folded.now_ms(), folded.paused_at_ms()), (2, 5, Some(5)));
    assert_eq!(fold(Arc::clone(&plan), []).as_ref(), Ok(&Saga::new(plan)));
}

#[test]
fn failures_and_notices_are_bounded() {
    use ondol_core::bounds::{FAILURES_MAX, NOTICES_MAX};
    let mut run = Run::new("a notify");
    run.line("submit");
    for round in 0..FAILURES_MAX + 3 {
        assert_eq!(run.line("a changed"), "a unrendered stuck(RenderChanged), parked", "round {round}");
        assert_eq!(run.line("retry a"), format!("a retried, a#{} again", round + 2));
    }
    assert_eq!(run.saga.failures().len(), FAILURES_MAX);
    assert_eq!(run.saga.notices().len(), NOTICES_MAX);
    assert_eq!(run.line("a done"), format!("a#{} done, completed", FAILURES_MAX + 4));
}
