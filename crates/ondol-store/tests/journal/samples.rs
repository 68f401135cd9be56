//! Batches with names: one for each fact and each choice inside it, and a whole saga.

use ondol_core::{
    Act, Attempt, Cause, Delivery, Digest, Event, Fact, Finish, Half, Output, Payload, Said, StepId,
    Submission, Then, Trouble, VerbKind, Vouch,
};

/// 2026-01-02 03:04:05.678 UTC.
const AT_MS: u64 = 1_767_323_045_678;
const DUE_MS: u64 = AT_MS + 1_200;
const DIGEST: Digest = 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff;

/// Name and batch; the name is that of its fixture.
pub(crate) fn all() -> Vec<(String, Vec<Event>)> {
    let mut all: Vec<_> = single_facts()
        .into_iter()
        .map(|(choice, fact)| {
            let name =
                if choice.is_empty() { kind(&fact).into() } else { format!("{}-{choice}", kind(&fact)) };
            (name, vec![Event { at_ms: AT_MS, fact }])
        })
        .collect();
    all.push(("batch-of-none".into(), Vec::new()));
    for (number, batch) in (1..).zip(three_steps()) {
        all.push((format!("batch-three-steps-{number}"), batch));
    }
    let apart = |after_ms, fact| Event { at_ms: AT_MS + after_ms, fact };
    all.push(("batch-times-apart".into(), vec![apart(0, Fact::Paused), apart(70_000, Fact::Resumed)]));
    all
}

/// Name of a fact. A new fact does not compile here, which is the reminder to add its sample and fixture.
pub(crate) fn kind(fact: &Fact) -> &'static str {
    match fact {
        Fact::Submitted(_) => "submitted",
        Fact::Answered { .. } => "answered",
        Fact::Started { .. } => "started",
        Fact::Finished { .. } => "finished",
        Fact::Lost { .. } => "lost",
        Fact::Unrendered { .. } => "unrendered",
        Fact::Withdrawn { .. } => "withdrawn",
        Fact::TurnBackPending(_) => "turn-back-pending",
        Fact::TurnedBack(_) => "turned-back",
        Fact::Paused => "paused",
        Fact::Resumed => "resumed",
        Fact::Acted(_) => "acted",
        Fact::Retried { .. } => "retried",
        Fact::Vouched { .. } => "vouched",
        Fact::Edited { .. } => "edited",
        Fact::Completed(_) => "completed",
        Fact::Compensated => "compensated",
        Fact::Parked => "parked",
        Fact::Noticed { .. } => "noticed",
    }
}

fn acted(
    verb: VerbKind,
    half: Option<(StepId, Half)>,
    by: Option<&str>,
    note: &str,
    batch: Option<&str>,
) -> Fact {
    let said = Said { by: by.map(Into::into), note: note.into(), batch: batch.map(Into::into) };
    Fact::Acted(Box::new(Act { verb, half, said }))
}

fn single_facts() -> Vec<(&'static str, Fact)> {
    let attempt = Attempt { step: 2, half: Half::Action, number: 3 };
    let undoing = Attempt { half: Half::Compensation, ..attempt };
    let finished = |finish, then| Fact::Finished { attempt, finish, then };
    let stuck = |trouble| Fact::Lost { attempt: undoing, then: Then::Stick(trouble) };
    let refused = |sealed| Finish::Refused { reason: "409: the seat is taken".into(), sealed };
    let vouched = |vouch| Fact::Vouched { step: 2, vouch, note: "the desk called".into() };
    let noticed = |delivery| Fact::Noticed { notice: 1, delivery };
    let again = Then::Retry { due_ms: DUE_MS };
    let reason = || "steps.pay.output: no such key `id`".into();
    let unrendered = |half, then| Fact::Unrendered { step: 2, half, reason: reason(), then };
    vec![
        (
            "",
            Fact::Submitted(Box::new(submission((
                0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c,
                0xb7ad_6b71_6920_3331,
            )))),
        ),
        ("untraced", Fact::Submitted(Box::new(submission((0, 0))))),
        ("", Fact::Answered { step: 2, holds: true }),
        ("not", Fact::Answered { step: 0, holds: false }),
        ("", Fact::Started { attempt, digest: Some(DIGEST) }),
        ("again", Fact::Started { attempt: undoing, digest: None }),
        ("", finished(Finish::Done(json(r#"{"id":7}"#)), Then::Settle)),
        ("empty", finished(Finish::Done(json("")), Then::Settle)),
        (
            "unusable",
            finished(Finish::Unusable("the body is not JSON".into()), Then::Stick(Trouble::Unusable)),
        ),
        ("refused", finished(refused(false), Then::Settle)),
        ("sealed", finished(refused(true), Then::Stick(Trouble::Refused))),
        ("unclear", finished(Finish::Unclear("no answer in 2 s; ✈".into()), again)),
        ("", Fact::Lost { attempt, then: again }),
        ("settled", Fact::Lost { attempt, then: Then::Settle }),
        ("refused-repeatedly", stuck(Trouble::RefusedRepeatedly)),
        ("exhausted", stuck(Trouble::Exhausted)),
        ("too-long", stuck(Trouble::TooLong)),
        ("render-changed", stuck(Trouble::RenderChanged)),
        ("", unrendered(Half::Action, Then::Settle)),
        ("stuck", unrendered(Half::Compensation, Then::Stick(Trouble::ExpressionError))),
        ("", Fact::Withdrawn { step: 2 }),
        ("", Fact::TurnBackPending(Cause::Cancelled)),
        ("", Fact::TurnedBack(Cause::Step(0))),
        ("timeout", Fact::TurnedBack(Cause::Timeout)),
        ("", Fact::Paused),
        ("", Fact::Resumed),
        ("", acted(VerbKind::Cancel, None, Some("ann"), "drill", None)),
        ("half", acted(VerbKind::Retry, Some((2, Half::Compensation)), Some("ann"), "", Some("drill-1"))),
        ("unsigned", acted(VerbKind::Pause, None, None, "", None)),
        ("", Fact::Retried { step: 2, half: Half::Compensation }),
        ("", vouched(Vouch::Completed(json(r#"{"id":7}"#)))),
        ("not-needed", vouched(Vouch::NotNeeded)),
        ("no-effect", vouched(Vouch::NoEffect)),
        ("", Fact::Edited { input: json(r#"{"seat":"3A"}"#), note: "a typing error".into() }),
        ("", Fact::Completed(Output::Some(json(r#"{"id":7}"#)))),
        ("without-output", Fact::Completed(Output::None)),
        ("output-error", Fact::Completed(Output::Error("output: no such key".into()))),
        ("", Fact::Compensated),
        ("", Fact::Parked),
        ("", noticed(Delivery::Delivered)),
        ("again", noticed(Delivery::Again { due_ms: DUE_MS })),
        ("undelivered", noticed(Delivery::Undelivered)),
    ]
}

/// The records of a saga of three steps that completes: an input of 100 bytes, outputs of 20, no trace.
pub(crate) fn three_steps() -> Vec<Vec<Event>> {
    let input = json(&format!(r#"{{"flight":"KE085","note":"{}"}}"#, "x".repeat(72)));
    assert_eq!(input.len(), 100);
    let output = || json(r#"{"id":"12345678901"}"#);
    let attempt = |step| Attempt { step, half: Half::Action, number: 1 };
    let started = |step| Fact::Started { attempt: attempt(step), digest: Some(DIGEST) };
    let finished =
        |step| Fact::Finished { attempt: attempt(step), finish: Finish::Done(output()), then: Then::Settle };
    let submitted = Fact::Submitted(Box::new(Submission { input, ..submission((0, 0)) }));
    [
        vec![submitted, started(0)],
        vec![finished(0), started(1)],
        vec![finished(1), started(2)],
        vec![finished(2), Fact::Completed(Output::None)],
    ]
    .into_iter()
    .zip(0..)
    .map(|(facts, number)| facts.into_iter().map(|fact| Event { at_ms: AT_MS + 20 * number, fact }).collect())
    .collect()
}

fn submission(trace: (u128, u64)) -> Submission {
    Submission {
        run: 0x0198_2f3e_4d5c_6b7a_8998_a7b6_c5d4_e3f2,
        definition: "book-flight".into(),
        version: 3,
        request: DIGEST,
        trace,
        input: json(r#"{"seat":"12C"}"#),
    }
}

fn json(text: &str) -> Payload {
    text.as_bytes().into()
}
