//! Any events, also such as no saga would record: each batch survives its encoding, and none does harm when it is folded.

use std::sync::{Arc, LazyLock};

use ondol_core::{
    Act, Attempt, Cause, Delivery, Event, Fact, Finish, Half, Notify, Output, Payload, Plan, Retry, Saga,
    Said, Step, Submission, Text, Then, Trouble, VerbKind, Vouch, plan::Draft,
};
use ondol_store::journal::encode;

/// More would only be slower: what a record does wrong it does wrong with a few.
const EVENTS_MAX: usize = 64;

/// A condition, steps beside each other, a pivot and a step behind it.
static PLAN: LazyLock<Arc<Plan>> = LazyLock::new(|| {
    let step = |name: &str, after: &[u16], compensation: Option<Retry>| Step {
        name: name.into(),
        after: after.to_vec(),
        condition: name == "b",
        action: Retry::FORWARD,
        compensation,
        pivot: name == "pivot",
    };
    let steps = vec![
        step("a", &[], Some(Retry::PERSISTENT)),
        step("b", &[0], Some(Retry::FORWARD)),
        step("c", &[0], None),
        step("pivot", &[1, 2], None),
        step("behind", &[3], None),
    ];
    let notify = Notify { completed: true, compensated: true, parked: true };
    let plan = Plan::new(Draft { steps, timeout_ms: 60_000, output: true, notify });
    Arc::new(plan.expect("the plan is in order"))
});

/// Bytes as a recipe for events.
pub(crate) fn check(data: &[u8]) {
    let events = Recipe(data).events();
    super::codec::settled(&encode(&events), &events);
    fold(&events);
}

/// A fact that does not fit is refused and changes nothing; and whatever the state, it can be asked.
fn fold(events: &[Event]) {
    let mut saga = Saga::new(Arc::clone(&PLAN));
    for event in events {
        let before = saga.clone();
        if saga.apply(event).is_err() {
            assert_eq!(saga, before, "a refused fact changes nothing");
        }
        let _ = saga.allowed();
        let wanted = saga.wanted();
        assert!(!saga.phase().ended() || wanted.calls.is_empty(), "an ended saga calls nobody");
    }
}

/// Bytes to be used up; zeros follow the last one.
struct Recipe<'a>(&'a [u8]);

impl Recipe<'_> {
    fn events(&mut self) -> Vec<Event> {
        let mut at_ms = self.wide();
        let mut events = Vec::new();
        while !self.0.is_empty() && events.len() < EVENTS_MAX {
            at_ms = if self.flag() { at_ms } else { self.wide() };
            events.push(Event { at_ms, fact: self.fact() });
        }
        events
    }

    fn fact(&mut self) -> Fact {
        match self.below(19) {
            0 => Fact::Submitted(Box::new(self.submission())),
            1 => Fact::Answered { step: self.step(), holds: self.flag() },
            2 => Fact::Started { attempt: self.attempt(), digest: self.flag().then(|| self.widest()) },
            3 => Fact::Finished { attempt: self.attempt(), finish: self.finish(), then: self.then() },
            4 => Fact::Lost { attempt: self.attempt(), then: self.then() },
            5 => {
                let (step, half) = (self.step(), self.half());
                Fact::Unrendered { step, half, reason: self.text(), then: self.then() }
            }
            6 => Fact::Withdrawn { step: self.step() },
            7 => Fact::TurnBackPending(self.cause()),
            8 => Fact::TurnedBack(self.cause()),
            9 => Fact::Paused,
            10 => Fact::Resumed,
            11 => Fact::Retried { step: self.step(), half: self.half() },
            12 => Fact::Vouched { step: self.step(), vouch: self.vouch(), note: self.text() },
            13 => Fact::Edited { input: self.payload(), note: self.text() },
            14 => Fact::Completed(self.output()),
            15 => Fact::Compensated,
            16 => Fact::Parked,
            17 => Fact::Acted(Box::new(self.act())),
            _ => Fact::Noticed { notice: self.step(), delivery: self.delivery() },
        }
    }

    fn submission(&mut self) -> Submission {
        Submission {
            run: self.widest(),
            definition: self.text(),
            version: self.wide() as u32,
            request: self.widest(),
            trace: (self.widest(), self.wide()),
            input: self.payload(),
        }
    }

    fn act(&mut self) -> Act {
        const VERBS: [VerbKind; 8] = [
            VerbKind::Pause,
            VerbKind::Resume,
            VerbKind::Cancel,
            VerbKind::Retry,
            VerbKind::Complete,
            VerbKind::Skip,
            VerbKind::Resend,
            VerbKind::Edit,
        ];
        let half = self.flag().then(|| (self.step(), self.half()));
        let by = self.flag().then(|| self.text());
        let batch = self.flag().then(|| self.text());
        let said = Said { by, note: self.text(), batch };
        Act { verb: VERBS[self.below(VERBS.len() as u8) as usize], half, said }
    }

    fn attempt(&mut self) -> Attempt {
        let number = if self.flag() { u32::from(self.byte()) } else { self.wide() as u32 };
        Attempt { step: self.step(), half: self.half(), number }
    }

    fn finish(&mut self) -> Finish {
        match self.below(4) {
            0 => Finish::Done(self.payload()),
            1 => Finish::Unusable(self.text()),
            2 => Finish::Refused { reason: self.text(), sealed: self.flag() },
            _ => Finish::Unclear(self.text()),
        }
    }

    fn then(&mut self) -> Then {
        match self.below(3) {
            0 => Then::Settle,
            1 => Then::Retry { due_ms: self.wide() },
            _ => Then::Stick(match self.below(7) {
                0 => Trouble::Refused,
                1 => Trouble::RefusedRepeatedly,
                2 => Trouble::Exhausted,
                3 => Trouble::TooLong,
                4 => Trouble::Unusable,
                5 => Trouble::ExpressionError,
                _ => Trouble::RenderChanged,
            }),
        }
    }

    fn cause(&mut self) -> Cause {
        match self.below(3) {
            0 => Cause::Step(self.step()),
            1 => Cause::Timeout,
            _ => Cause::Cancelled,
        }
    }

    fn vouch(&mut self) -> Vouch {
        match self.below(3) {
            0 => Vouch::Completed(self.payload()),
            1 => Vouch::NotNeeded,
            _ => Vouch::NoEffect,
        }
    }

    fn output(&mut self) -> Output {
        match self.below(3) {
            0 => Output::None,
            1 => Output::Some(self.payload()),
            _ => Output::Error(self.text()),
        }
    }

    fn delivery(&mut self) -> Delivery {
        match self.below(3) {
            0 => Delivery::Delivered,
            1 => Delivery::Again { due_ms: self.wide() },
            _ => Delivery::Undelivered,
        }
    }

    fn half(&mut self) -> Half {
        if self.flag() { Half::Action } else { Half::Compensation }
    }

    /// Mostly a step of the plan, or nearly.
    fn step(&mut self) -> u16 {
        match self.byte() {
            0xff => self.wide() as u16,
            byte => u16::from(byte % 6),
        }
    }

    fn text(&mut self) -> Text {
        String::from_utf8_lossy(self.bytes()).into()
    }

    fn payload(&mut self) -> Payload {
        self.bytes().into()
    }

    fn bytes(&mut self) -> &[u8] {
        let length = usize::from(self.byte()).min(self.0.len());
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes
    }

    fn widest(&mut self) -> u128 {
        u128::from(self.wide()) << 64 | u128::from(self.wide())
    }

    fn wide(&mut self) -> u64 {
        let length = usize::from(self.byte() % 9);
        (0..length).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }

    fn below(&mut self, bound: u8) -> u8 {
        self.byte() % bound
    }

    fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }
}
