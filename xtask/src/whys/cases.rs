//! Every way in which a booking can fail, and what its story must say.

use super::judge::{Expected, Where};
use crate::stack::Service;

/// One booking.
pub(super) struct Case {
    /// Also the saga's id.
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    /// Who is harmed.
    pub(super) service: Service,
    pub(super) harm: Harm,
    /// Where it is another one than its own.
    pub(super) seat: Option<&'static str>,
    /// The account has too little.
    pub(super) poor: bool,
    /// It is asked for before the service is back.
    pub(super) asked_while_away: bool,
    /// How it may end.
    pub(super) ends: &'static [&'static str],
    pub(super) expected: Expected,
}

/// What is done.
#[derive(Clone, Copy)]
pub(super) enum Harm {
    /// Nothing: the business says no.
    None,
    /// A fault of the service, for this booking.
    Rule(&'static str),
    /// The same, and the service dies: by itself, or it is killed in the middle where it is asked for while it is away.
    RuleAndDeath(&'static str),
    /// The service was killed before.
    Away,
}

/// The seat that is sold before.
pub(super) const SOLD: &str = "1A";

const COMPLETED: &[&str] = &["completed"];
const UNDONE: &[&str] = &["compensated"];

const PLAIN: Case = Case {
    name: "",
    what: "",
    service: Service::Flight,
    harm: Harm::None,
    seat: None,
    poor: false,
    asked_while_away: false,
    ends: UNDONE,
    expected: Expected {
        place: Where::Failing,
        service: "flight",
        step: "hold-seat",
        stages: &[],
        reason: "",
    },
};

const fn failing(
    service: &'static str,
    step: &'static str,
    stages: &'static [&'static str],
    reason: &'static str,
) -> Expected {
    Expected { place: Where::Failing, service, step, stages, reason }
}

const fn retried(
    service: &'static str,
    step: &'static str,
    stages: &'static [&'static str],
    reason: &'static str,
) -> Expected {
    Expected { place: Where::Retried, service, step, stages, reason }
}

/// All of them.
pub(super) const CASES: &[Case] = &[
    Case {
        name: "seat-taken",
        what: "the seat is sold already",
        seat: Some(SOLD),
        expected: failing("flight", "hold-seat", &["callee_refused"], "seat 1A of KE902 is taken"),
        ..PLAIN
    },
    Case {
        name: "declined",
        what: "the account has too little",
        service: Service::Payment,
        poor: true,
        expected: failing("payment", "pay", &["callee_refused"], "40, 100 are needed"),
        ..PLAIN
    },
    Case {
        name: "refused",
        what: "the service answers 403 to each request",
        service: Service::Reservation,
        harm: Harm::Rule(r#"{"kind":{"refuse":{"status":403}},"half":"action"}"#),
        expected: failing("reservation", "reserve", &["callee_refused"], "403"),
        ..PLAIN
    },
    Case {
        name: "callee-failed",
        what: "the service answers 500 to each request: the first of the two that look alike",
        service: Service::Reservation,
        harm: Harm::Rule(r#"{"kind":{"refuse":{"status":500}},"half":"action"}"#),
        expected: failing("reservation", "reserve", &["callee_failed"], "500"),
        ..PLAIN
    },
    Case {
        name: "answers-lost",
        what: "the service does its work, and each answer is lost: the second of the two",
        service: Service::Reservation,
        harm: Harm::Rule(r#"{"kind":"drop_answer","half":"action"}"#),
        expected: failing("reservation", "reserve", &["answer_lost"], "connection failed"),
        ..PLAIN
    },
    Case {
        name: "slow",
        what: "the service needs longer than anybody waits",
        harm: Harm::Rule(r#"{"kind":{"slow":{"ms":4000}},"half":"action"}"#),
        expected: failing("flight", "hold-seat", &["slow_callee"], "no answer within 2"),
        ..PLAIN
    },
    Case {
        name: "answer-lost-once",
        what: "the charge is made and its answer is lost; the repeat gets the stored answer",
        service: Service::Payment,
        harm: Harm::Rule(r#"{"kind":"drop_answer","times":1}"#),
        ends: COMPLETED,
        expected: retried("payment", "pay", &["answer_lost"], ""),
        ..PLAIN
    },
    Case {
        name: "died-after-commit",
        what: "the charge is made, and the service dies before it answers, its span with it",
        service: Service::Payment,
        harm: Harm::RuleAndDeath(r#"{"kind":"die_after_commit","times":1}"#),
        ends: COMPLETED,
        expected: retried("payment", "pay", &["answer_lost"], ""),
        ..PLAIN
    },
    Case {
        name: "lost-on-the-way",
        what: "a request is lost before the service sees it",
        harm: Harm::Rule(r#"{"kind":"lose","times":1}"#),
        ends: COMPLETED,
        expected: retried("flight", "hold-seat", &["never_arrived", "unclear"], ""),
        ..PLAIN
    },
    Case {
        name: "killed",
        what: "the service is killed while it works, and is away",
        harm: Harm::RuleAndDeath(r#"{"kind":{"slow":{"ms":1500}}}"#),
        asked_while_away: true,
        ends: COMPLETED,
        expected: failing("flight", "hold-seat", &["never_arrived", "unclear"], ""),
        ..PLAIN
    },
    Case {
        name: "unreachable",
        what: "the service is not there",
        service: Service::Reservation,
        harm: Harm::Away,
        asked_while_away: true,
        ends: COMPLETED,
        expected: failing("reservation", "reserve", &["never_arrived"], "efused"),
        ..PLAIN
    },
];
