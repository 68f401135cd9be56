//! Arbitrary events: every fact with every choice inside it, also such as no saga would record.

use ondol_core::{
    Act, Attempt, Cause, Delivery, Event, Fact, Finish, Half, Output, Payload, Said, Submission, Text, Then,
    Trouble, VerbKind, Vouch,
};
use proptest::prelude::*;

/// Enough to reach lengths of two bytes on the wire, small enough for thousands of cases.
const LENGTH_MAX: usize = 200;

pub(crate) fn batch() -> impl Strategy<Value = Vec<Event>> {
    prop_oneof![
        // As a saga writes it: events of one batch share their time.
        (any::<u64>(), prop::collection::vec(fact(), 0..8))
            .prop_map(|(at_ms, facts)| facts.into_iter().map(|fact| Event { at_ms, fact }).collect()),
        prop::collection::vec((any::<u64>(), fact()).prop_map(|(at_ms, fact)| Event { at_ms, fact }), 0..8),
    ]
}

fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        submission().prop_map(|submission| Fact::Submitted(Box::new(submission))),
        (any::<u16>(), any::<bool>()).prop_map(|(step, holds)| Fact::Answered { step, holds }),
        (attempt(), any::<Option<u128>>()).prop_map(|(attempt, digest)| Fact::Started { attempt, digest }),
        (attempt(), finish(), then()).prop_map(|(attempt, finish, then)| Fact::Finished {
            attempt,
            finish,
            then
        }),
        (attempt(), then()).prop_map(|(attempt, then)| Fact::Lost { attempt, then }),
        (any::<u16>(), half(), text(), then()).prop_map(|(step, half, reason, then)| Fact::Unrendered {
            step,
            half,
            reason,
            then
        }),
        any::<u16>().prop_map(|step| Fact::Withdrawn { step }),
        cause().prop_map(Fact::TurnBackPending),
        cause().prop_map(Fact::TurnedBack),
        Just(Fact::Paused),
        Just(Fact::Resumed),
        act().prop_map(|act| Fact::Acted(Box::new(act))),
        (any::<u16>(), half()).prop_map(|(step, half)| Fact::Retried { step, half }),
        (any::<u16>(), vouch(), text()).prop_map(|(step, vouch, note)| Fact::Vouched { step, vouch, note }),
        (payload(), text()).prop_map(|(input, note)| Fact::Edited { input, note }),
        output().prop_map(Fact::Completed),
        Just(Fact::Compensated),
        Just(Fact::Parked),
        (any::<u16>(), delivery()).prop_map(|(notice, delivery)| Fact::Noticed { notice, delivery }),
    ]
}

fn submission() -> impl Strategy<Value = Submission> {
    let trace = prop_oneof![Just((0, 0)), any::<(u128, u64)>()];
    (any::<u128>(), text(), any::<u32>(), any::<u128>(), trace, payload()).prop_map(
        |(run, definition, version, request, trace, input)| Submission {
            run,
            definition,
            version,
            request,
            trace,
            input,
        },
    )
}

fn attempt() -> impl Strategy<Value = Attempt> {
    (any::<u16>(), half(), any::<u32>()).prop_map(|(step, half, number)| Attempt { step, half, number })
}

fn half() -> impl Strategy<Value = Half> {
    prop_oneof![Just(Half::Action), Just(Half::Compensation)]
}

fn act() -> impl Strategy<Value = Act> {
    let verb = prop_oneof![
        Just(VerbKind::Pause),
        Just(VerbKind::Resume),
        Just(VerbKind::Cancel),
        Just(VerbKind::Retry),
        Just(VerbKind::Complete),
        Just(VerbKind::Skip),
        Just(VerbKind::Resend),
        Just(VerbKind::Edit),
    ];
    let of = prop::option::of((any::<u16>(), half()));
    let said = (prop::option::of(text()), text(), prop::option::of(text()));
    (verb, of, said).prop_map(|(verb, half, (by, note, batch))| Act {
        verb,
        half,
        said: Said { by, note, batch },
    })
}

fn finish() -> impl Strategy<Value = Finish> {
    prop_oneof![
        payload().prop_map(Finish::Done),
        text().prop_map(Finish::Unusable),
        (text(), any::<bool>()).prop_map(|(reason, sealed)| Finish::Refused { reason, sealed }),
        text().prop_map(Finish::Unclear),
    ]
}

fn then() -> impl Strategy<Value = Then> {
    prop_oneof![
        Just(Then::Settle),
        any::<u64>().prop_map(|due_ms| Then::Retry { due_ms }),
        trouble().prop_map(Then::Stick),
    ]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        Just(Trouble::Refused),
        Just(Trouble::RefusedRepeatedly),
        Just(Trouble::Exhausted),
        Just(Trouble::TooLong),
        Just(Trouble::Unusable),
        Just(Trouble::ExpressionError),
        Just(Trouble::RenderChanged),
    ]
}

fn cause() -> impl Strategy<Value = Cause> {
    prop_oneof![any::<u16>().prop_map(Cause::Step), Just(Cause::Timeout), Just(Cause::Cancelled)]
}

fn vouch() -> impl Strategy<Value = Vouch> {
    prop_oneof![payload().prop_map(Vouch::Completed), Just(Vouch::NotNeeded), Just(Vouch::NoEffect)]
}

fn output() -> impl Strategy<Value = Output> {
    prop_oneof![Just(Output::None), payload().prop_map(Output::Some), text().prop_map(Output::Error)]
}

fn delivery() -> impl Strategy<Value = Delivery> {
    prop_oneof![
        Just(Delivery::Delivered),
        any::<u64>().prop_map(|due_ms| Delivery::Again { due_ms }),
        Just(Delivery::Undelivered),
    ]
}

fn payload() -> impl Strategy<Value = Payload> {
    prop::collection::vec(any::<u8>(), 0..LENGTH_MAX).prop_map(Into::into)
}

fn text() -> impl Strategy<Value = Text> {
    prop::collection::vec(any::<char>(), 0..LENGTH_MAX / 4)
        .prop_map(|chars| chars.into_iter().collect::<String>().into())
}
