//! Core events to wire messages. Payloads are shared, not copied.

use bytes::Bytes;
use ondol_core::{
    Act, Attempt, Cause, Delivery, Digest, Event, Fact, Finish, Half, Output, Payload, StepId, Submission,
    Text, Then, Trouble, VerbKind, Vouch,
};

use super::wire;

/// One event, its time as the distance from `base_ms`. The distance is modulo 2^64, so that every pair of
/// times has one and this function cannot fail.
pub(super) fn event(event: &Event, base_ms: u64) -> wire::Event {
    let after_ms = event.at_ms.wrapping_sub(base_ms).cast_signed();
    wire::Event { after_ms, fact: Some(fact(&event.fact)) }
}

fn fact(fact: &Fact) -> wire::event::Fact {
    use wire::event::Fact as To;
    match fact {
        Fact::Submitted(submission) => To::Submitted(submitted(submission)),
        Fact::Answered { step, holds } => {
            To::Answered(wire::Answered { step: index(*step), holds: Some(*holds) })
        }
        Fact::Started { attempt, digest } => To::Started(started(*attempt, *digest)),
        Fact::Finished { attempt, finish, then } => To::Finished(finished(*attempt, finish, *then)),
        Fact::Lost { attempt, then } => To::Lost(lost(*attempt, *then)),
        Fact::Unrendered { step, half, reason, then } => To::Unrendered(wire::Unrendered {
            step: index(*step),
            half: half_of(*half),
            reason: Some(text(reason)),
            then: Some(then_of(*then)),
        }),
        Fact::Withdrawn { step } => To::Withdrawn(wire::Withdrawn { step: index(*step) }),
        Fact::TurnBackPending(cause) => To::TurnBackPending(cause_of(cause)),
        Fact::TurnedBack(cause) => To::TurnedBack(cause_of(cause)),
        Fact::Paused => To::Paused(()),
        Fact::Resumed => To::Resumed(()),
        Fact::Acted(act) => To::Acted(acted(act)),
        Fact::Retried { step, half } => {
            To::Retried(wire::Retried { step: index(*step), half: half_of(*half) })
        }
        Fact::Vouched { step, vouch, note } => To::Vouched(wire::Vouched {
            step: index(*step),
            note: Some(text(note)),
            vouch: Some(vouch_of(vouch)),
        }),
        Fact::Edited { input, note } => {
            To::Edited(wire::Edited { note: Some(text(note)), input: Some(share(input)) })
        }
        Fact::Completed(output) => To::Completed(wire::Completed { output: Some(output_of(output)) }),
        Fact::Compensated => To::Compensated(()),
        Fact::Parked => To::Parked(()),
        Fact::Noticed { notice, delivery } => To::Noticed(wire::Noticed {
            notice: Some(u32::from(*notice)),
            delivery: Some(delivery_of(*delivery)),
        }),
    }
}

fn submitted(submission: &Submission) -> wire::Submitted {
    let Submission { run, definition, version, request, trace, input } = submission;
    let (run_high, run_low) = halves(*run);
    let (request_high, request_low) = halves(*request);
    let (trace_high, trace_low) = halves(trace.0);
    wire::Submitted {
        run_high: Some(run_high),
        run_low: Some(run_low),
        definition: Some(text(definition)),
        version: Some(*version),
        request_high: Some(request_high),
        request_low: Some(request_low),
        trace_high,
        trace_low,
        span: trace.1,
        input: Some(share(input)),
    }
}

fn started(attempt: Attempt, digest: Option<Digest>) -> wire::Started {
    let Attempt { step, half, number } = attempt;
    let (digest_high, digest_low) = digest.map(halves).unzip();
    wire::Started { step: index(step), half: half_of(half), number: Some(number), digest_high, digest_low }
}

fn finished(attempt: Attempt, finish: &Finish, then: Then) -> wire::Finished {
    use wire::finished::Finish as To;
    let Attempt { step, half, number } = attempt;
    let finish = match finish {
        Finish::Done(output) => To::Done(share(output)),
        Finish::Unusable(reason) => To::Unusable(text(reason)),
        Finish::Refused { reason, sealed } => {
            To::Refused(wire::Refused { reason: Some(text(reason)), sealed: Some(*sealed) })
        }
        Finish::Unclear(reason) => To::Unclear(text(reason)),
    };
    wire::Finished {
        step: index(step),
        half: half_of(half),
        number: Some(number),
        then: Some(then_of(then)),
        finish: Some(finish),
    }
}

fn lost(attempt: Attempt, then: Then) -> wire::Lost {
    let Attempt { step, half, number } = attempt;
    wire::Lost { step: index(step), half: half_of(half), number: Some(number), then: Some(then_of(then)) }
}

fn acted(act: &Act) -> wire::Acted {
    let Act { verb, half, said } = act;
    wire::Acted {
        verb: verb_of(*verb),
        step: half.and_then(|(step, _)| index(step)),
        half: half.map(|(_, half)| half_of(half)),
        by: said.by.as_ref().map(text),
        note: Some(text(&said.note)),
        batch: said.batch.as_ref().map(text),
    }
}

fn verb_of(verb: VerbKind) -> i32 {
    let to = match verb {
        VerbKind::Pause => wire::Verb::Pause,
        VerbKind::Resume => wire::Verb::Resume,
        VerbKind::Cancel => wire::Verb::Cancel,
        VerbKind::Retry => wire::Verb::Retry,
        VerbKind::Complete => wire::Verb::Complete,
        VerbKind::Skip => wire::Verb::Skip,
        VerbKind::Resend => wire::Verb::Resend,
        VerbKind::Edit => wire::Verb::Edit,
    };
    to.into()
}

fn then_of(then: Then) -> wire::Then {
    use wire::then::Then as To;
    let then = match then {
        Then::Settle => To::Settle(()),
        Then::Retry { due_ms } => To::RetryDueMs(due_ms),
        Then::Stick(trouble) => To::Stick(trouble_of(trouble)),
    };
    wire::Then { then: Some(then) }
}

fn trouble_of(trouble: Trouble) -> i32 {
    let to = match trouble {
        Trouble::Refused => wire::Trouble::Refused,
        Trouble::RefusedRepeatedly => wire::Trouble::RefusedRepeatedly,
        Trouble::Exhausted => wire::Trouble::Exhausted,
        Trouble::TooLong => wire::Trouble::TooLong,
        Trouble::Unusable => wire::Trouble::Unusable,
        Trouble::ExpressionError => wire::Trouble::ExpressionError,
        Trouble::RenderChanged => wire::Trouble::RenderChanged,
    };
    to.into()
}

fn half_of(half: Half) -> i32 {
    let to = match half {
        Half::Action => wire::Half::Action,
        Half::Compensation => wire::Half::Compensation,
    };
    to.into()
}

fn cause_of(cause: &Cause) -> wire::Cause {
    use wire::cause::Cause as To;
    let cause = match cause {
        Cause::Step(step) => To::Step(u32::from(*step)),
        Cause::Timeout => To::Timeout(()),
        Cause::Cancelled => To::Cancelled(()),
    };
    wire::Cause { cause: Some(cause) }
}

fn vouch_of(vouch: &Vouch) -> wire::vouched::Vouch {
    use wire::vouched::Vouch as To;
    match vouch {
        Vouch::Completed(output) => To::Completed(share(output)),
        Vouch::NotNeeded => To::NotNeeded(()),
        Vouch::NoEffect => To::NoEffect(()),
    }
}

fn output_of(output: &Output) -> wire::completed::Output {
    use wire::completed::Output as To;
    match output {
        Output::None => To::None(()),
        Output::Some(output) => To::Some(share(output)),
        Output::Error(reason) => To::Error(text(reason)),
    }
}

fn delivery_of(delivery: Delivery) -> wire::noticed::Delivery {
    use wire::noticed::Delivery as To;
    match delivery {
        Delivery::Delivered => To::Delivered(()),
        Delivery::Again { due_ms } => To::AgainDueMs(due_ms),
        Delivery::Undelivered => To::Undelivered(()),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a step is always written: the wire knows it as present")]
fn index(step: StepId) -> Option<u32> {
    Some(u32::from(step))
}

fn text(text: &Text) -> String {
    text.as_ref().to_owned()
}

/// The payload itself: the record is the only place it is copied to.
fn share(payload: &Payload) -> Bytes {
    Bytes::from_owner(payload.clone())
}

const fn halves(number: u128) -> (u64, u64) {
    ((number >> 64) as u64, number as u64)
}
