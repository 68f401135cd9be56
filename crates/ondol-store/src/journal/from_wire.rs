//! Wire messages to core events. What is missing or unknown is refused, never replaced.

use bytes::Bytes;
use ondol_core::{
    Act, Attempt, Cause, Delivery, Digest, Event, Fact, Finish, Half, Output, Payload, Said, StepId,
    Submission, Then, Trouble, VerbKind, Vouch,
};

use super::{Fault, wire};

/// A value, or the field that is at fault.
type Field<T> = Result<T, (&'static str, Fault)>;

/// One event; see [`to_wire::event`](super::to_wire::event) for `base_ms`.
pub(super) fn event(event: wire::Event, base_ms: u64) -> Field<Event> {
    let wire::Event { after_ms, fact } = event;
    let fact = from_fact(given(fact, "fact")?)?;
    Ok(Event { at_ms: base_ms.wrapping_add(after_ms.cast_unsigned()), fact })
}

fn from_fact(fact: wire::event::Fact) -> Field<Fact> {
    use wire::event::Fact as From;
    Ok(match fact {
        From::Submitted(submitted) => Fact::Submitted(Box::new(submission(submitted)?)),
        From::Answered(wire::Answered { step, holds }) => {
            Fact::Answered { step: index(step)?, holds: given(holds, "answered.holds")? }
        }
        From::Started(wire::Started { step, half, number, digest_high, digest_low }) => {
            Fact::Started { attempt: attempt(step, half, number)?, digest: digest(digest_high, digest_low)? }
        }
        From::Finished(wire::Finished { step, half, number, then, finish }) => Fact::Finished {
            attempt: attempt(step, half, number)?,
            finish: from_finish(given(finish, "finished.finish")?)?,
            then: from_then(then)?,
        },
        From::Lost(wire::Lost { step, half, number, then }) => {
            Fact::Lost { attempt: attempt(step, half, number)?, then: from_then(then)? }
        }
        From::Unrendered(wire::Unrendered { step, half, reason, then }) => Fact::Unrendered {
            step: index(step)?,
            half: from_half(half)?,
            reason: given(reason, "unrendered.reason")?.into(),
            then: from_then(then)?,
        },
        From::Withdrawn(wire::Withdrawn { step }) => Fact::Withdrawn { step: index(step)? },
        From::TurnBackPending(cause) => Fact::TurnBackPending(from_cause(cause)?),
        From::TurnedBack(cause) => Fact::TurnedBack(from_cause(cause)?),
        From::Paused(()) => Fact::Paused,
        From::Resumed(()) => Fact::Resumed,
        From::Acted(acted) => Fact::Acted(Box::new(act(acted)?)),
        From::Retried(wire::Retried { step, half }) => {
            Fact::Retried { step: index(step)?, half: from_half(half)? }
        }
        From::Vouched(wire::Vouched { step, note, vouch }) => Fact::Vouched {
            step: index(step)?,
            vouch: from_vouch(given(vouch, "vouched.vouch")?),
            note: given(note, "vouched.note")?.into(),
        },
        From::Edited(wire::Edited { note, input }) => Fact::Edited {
            input: payload(&given(input, "edited.input")?),
            note: given(note, "edited.note")?.into(),
        },
        From::Completed(wire::Completed { output }) => {
            Fact::Completed(from_output(given(output, "completed.output")?))
        }
        From::Compensated(()) => Fact::Compensated,
        From::Parked(()) => Fact::Parked,
        From::Noticed(wire::Noticed { notice, delivery }) => Fact::Noticed {
            notice: small(notice, "noticed.notice")?,
            delivery: from_delivery(given(delivery, "noticed.delivery")?),
        },
    })
}

fn submission(submitted: wire::Submitted) -> Field<Submission> {
    Ok(Submission {
        run: joined(given(submitted.run_high, "run_high")?, given(submitted.run_low, "run_low")?),
        definition: given(submitted.definition, "submitted.definition")?.into(),
        version: given(submitted.version, "submitted.version")?,
        request: joined(
            given(submitted.request_high, "request_high")?,
            given(submitted.request_low, "request_low")?,
        ),
        trace: (joined(submitted.trace_high, submitted.trace_low), submitted.span),
        input: payload(&given(submitted.input, "submitted.input")?),
    })
}

fn attempt(step: Option<u32>, half: i32, number: Option<u32>) -> Field<Attempt> {
    Ok(Attempt { step: index(step)?, half: from_half(half)?, number: given(number, "number")? })
}

fn digest(high: Option<u64>, low: Option<u64>) -> Field<Option<Digest>> {
    match (high, low) {
        (None, None) => Ok(None),
        (Some(high), Some(low)) => Ok(Some(joined(high, low))),
        (None, Some(_)) => Err(("digest_high", Fault::Missing)),
        (Some(_), None) => Err(("digest_low", Fault::Missing)),
    }
}

fn from_finish(finish: wire::finished::Finish) -> Field<Finish> {
    use wire::finished::Finish as From;
    Ok(match finish {
        From::Done(output) => Finish::Done(payload(&output)),
        From::Unusable(reason) => Finish::Unusable(reason.into()),
        From::Refused(wire::Refused { reason, sealed }) => Finish::Refused {
            reason: given(reason, "refused.reason")?.into(),
            sealed: given(sealed, "refused.sealed")?,
        },
        From::Unclear(reason) => Finish::Unclear(reason.into()),
    })
}

fn from_then(then: Option<wire::Then>) -> Field<Then> {
    use wire::then::Then as From;
    Ok(match given(then.and_then(|then| then.then), "then")? {
        From::Settle(()) => Then::Settle,
        From::RetryDueMs(due_ms) => Then::Retry { due_ms },
        From::Stick(trouble) => Then::Stick(from_trouble(trouble)?),
    })
}

fn act(acted: wire::Acted) -> Field<Act> {
    let wire::Acted { verb, step, half, by, note, batch } = acted;
    let half = match (step, half) {
        (None, None) => None,
        (step, half) => Some((index(step)?, from_half(given(half, "acted.half")?)?)),
    };
    let said = Said {
        by: by.map(Into::into),
        note: given(note, "acted.note")?.into(),
        batch: batch.map(Into::into),
    };
    Ok(Act { verb: from_verb(verb)?, half, said })
}

fn from_verb(verb: i32) -> Field<VerbKind> {
    Ok(match known(verb, "acted.verb")? {
        wire::Verb::Unspecified => return Err(("acted.verb", Fault::Missing)),
        wire::Verb::Pause => VerbKind::Pause,
        wire::Verb::Resume => VerbKind::Resume,
        wire::Verb::Cancel => VerbKind::Cancel,
        wire::Verb::Retry => VerbKind::Retry,
        wire::Verb::Complete => VerbKind::Complete,
        wire::Verb::Skip => VerbKind::Skip,
        wire::Verb::Resend => VerbKind::Resend,
        wire::Verb::Edit => VerbKind::Edit,
    })
}

fn from_trouble(trouble: i32) -> Field<Trouble> {
    Ok(match known(trouble, "stick")? {
        wire::Trouble::Unspecified => return Err(("stick", Fault::Missing)),
        wire::Trouble::Refused => Trouble::Refused,
        wire::Trouble::RefusedRepeatedly => Trouble::RefusedRepeatedly,
        wire::Trouble::Exhausted => Trouble::Exhausted,
        wire::Trouble::TooLong => Trouble::TooLong,
        wire::Trouble::Unusable => Trouble::Unusable,
        wire::Trouble::ExpressionError => Trouble::ExpressionError,
        wire::Trouble::RenderChanged => Trouble::RenderChanged,
    })
}

fn from_half(half: i32) -> Field<Half> {
    match known(half, "half")? {
        wire::Half::Unspecified => Err(("half", Fault::Missing)),
        wire::Half::Action => Ok(Half::Action),
        wire::Half::Compensation => Ok(Half::Compensation),
    }
}

fn from_cause(cause: wire::Cause) -> Field<Cause> {
    use wire::cause::Cause as From;
    Ok(match given(cause.cause, "cause")? {
        From::Step(step) => Cause::Step(index(Some(step))?),
        From::Timeout(()) => Cause::Timeout,
        From::Cancelled(()) => Cause::Cancelled,
    })
}

fn from_vouch(vouch: wire::vouched::Vouch) -> Vouch {
    use wire::vouched::Vouch as From;
    match vouch {
        From::Completed(output) => Vouch::Completed(payload(&output)),
        From::NotNeeded(()) => Vouch::NotNeeded,
        From::NoEffect(()) => Vouch::NoEffect,
    }
}

fn from_output(output: wire::completed::Output) -> Output {
    use wire::completed::Output as From;
    match output {
        From::None(()) => Output::None,
        From::Some(output) => Output::Some(payload(&output)),
        From::Error(reason) => Output::Error(reason.into()),
    }
}

fn from_delivery(delivery: wire::noticed::Delivery) -> Delivery {
    use wire::noticed::Delivery as From;
    match delivery {
        From::Delivered(()) => Delivery::Delivered,
        From::AgainDueMs(due_ms) => Delivery::Again { due_ms },
        From::Undelivered(()) => Delivery::Undelivered,
    }
}

fn index(step: Option<u32>) -> Field<StepId> {
    small(step, "step")
}

fn small(number: Option<u32>, field: &'static str) -> Field<u16> {
    let number = given(number, field)?;
    u16::try_from(number).map_err(|_| (field, Fault::TooLarge(number)))
}

fn given<T>(value: Option<T>, field: &'static str) -> Field<T> {
    value.ok_or((field, Fault::Missing))
}

fn known<T: TryFrom<i32>>(value: i32, field: &'static str) -> Field<T> {
    T::try_from(value).map_err(|_| (field, Fault::Unknown(value)))
}

fn payload(bytes: &Bytes) -> Payload {
    bytes.as_ref().into()
}

const fn joined(high: u64, low: u64) -> u128 {
    (high as u128) << 64 | low as u128
}
