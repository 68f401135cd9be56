//! Faults on demand: the network and the machine at their worst, when you ask for it.
//!
//! `PUT /faults {"rule": [...]}` replaces all rules, `GET` shows them with how often each fired, `DELETE` removes
//! them. This file says what happens to a request, as a function of the rules and the request; `layer` does it.

mod layer;

pub use layer::{Faults, Unanswered};

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Rules in force at once: a test needs a handful, and every request looks at all of them.
pub const RULES_MAX: usize = 64;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Waits before it handles the request.
    Slow {
        /// Milliseconds.
        ms: u64,
    },
    /// Answers this status without handling the request.
    Refuse {
        /// HTTP status.
        status: u16,
    },
    /// Closes the connection without handling the request.
    Lose,
    /// Closes the connection after the commit, before the answer.
    DropAnswer,
    /// Handles the request a second time.
    Duplicate {
        /// Milliseconds after the first time.
        #[serde(default)]
        ms: u64,
    },
    /// The process kills itself after the commit, before the answer.
    DieAfterCommit,
}

/// When something goes wrong. Every condition that is given must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Part of the path; empty matches every path.
    #[serde(default)]
    pub path_contains: String,
    /// HTTP method.
    #[serde(default)]
    pub method: Option<String>,
    /// `action` or `compensation`.
    #[serde(default)]
    pub half: Option<String>,
    /// Part of the saga's id.
    #[serde(default)]
    pub saga_contains: Option<String>,
    /// Only requests of Ondol's: halves and notices.
    #[serde(default)]
    pub ondol_only: bool,
    /// What goes wrong.
    pub kind: Kind,
    /// How often at most; without a limit when absent.
    #[serde(default)]
    pub times: Option<u64>,
    /// Chance for a request that matches, 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
    /// Same seed, same request, same chance.
    #[serde(default)]
    pub seed: u64,
    /// How often it fired; set by the service.
    #[serde(default)]
    pub fired: u64,
}

const fn always() -> f64 {
    1.0
}

impl Rule {
    /// A rule for every request of Ondol's, by chance.
    pub const fn by_chance(kind: Kind, probability: f64, seed: u64) -> Self {
        Self {
            path_contains: String::new(),
            method: None,
            half: None,
            saga_contains: None,
            ondol_only: true,
            kind,
            times: None,
            probability,
            seed,
            fired: 0,
        }
    }

    fn matches(&self, request: &Facts<'_>) -> bool {
        request.path.contains(&self.path_contains)
            && self.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(request.method))
            && self.half.as_deref().is_none_or(|half| request.key.ends_with(half))
            && self.saga_contains.as_deref().is_none_or(|saga| request.saga.contains(saga))
            && (!self.ondol_only || !request.key.is_empty())
            && self.times.is_none_or(|times| self.fired < times)
    }
}

/// What the rules look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Path.
    pub path: &'a str,
    /// `Idempotency-Key`, or `webhook-id` of a notice; empty when Ondol did not send the request.
    pub key: &'a str,
    /// `ondol-saga-id`; empty if absent.
    pub saga: &'a str,
    /// `ondol-attempt` or, without it, the number of the request in this process: what tells tries apart.
    pub attempt: &'a str,
}

/// What happens to one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Wait first.
    pub wait: Duration,
    /// Then answer this status and stop.
    pub refuse: Option<u16>,
    /// Or stop without an answer.
    pub lose: bool,
    /// Handle it again so much later.
    pub duplicate: Option<Duration>,
    /// After handling it die.
    pub die: bool,
    /// Or close the connection.
    pub drop_answer: bool,
}

/// What the rules make of a request; counts the rules that fire.
pub fn plan(rules: &mut [Rule], request: &Facts<'_>) -> Plan {
    let mut plan = Plan::default();
    for (number, rule) in rules.iter_mut().enumerate() {
        if !rule.matches(request) || chance(rule.seed, number, request) >= rule.probability {
            continue;
        }
        rule.fired += 1;
        match rule.kind {
            Kind::Slow { ms } => plan.wait += Duration::from_millis(ms),
            Kind::Refuse { status } => plan.refuse = Some(status),
            Kind::Lose => plan.lose = true,
            Kind::DropAnswer => plan.drop_answer = true,
            Kind::Duplicate { ms } => plan.duplicate = Some(Duration::from_millis(ms)),
            Kind::DieAfterCommit => plan.die = true,
        }
    }
    plan
}

/// A number in 0..1 from the seed, the rule and the request: FNV-1a over the parts, mixed by SplitMix64.
fn chance(seed: u64, rule: usize, request: &Facts<'_>) -> f64 {
    const FNV_PRIME: u64 = 0x0100_0000_01b3;
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let rule = (rule as u64).to_le_bytes();
    let parts = [request.method, request.path, request.key, request.attempt].map(str::as_bytes);
    for part in std::iter::once(rule.as_slice()).chain(parts) {
        for byte in part.iter().chain(&[0xff]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME);
        }
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^= hash >> 31;
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLD: Facts<'static> = Facts {
        method: "POST",
        path: "/flights/KE1/seats/1/hold",
        key: "r1/hold/action",
        saga: "s-1",
        attempt: "1",
    };

    fn rule(text: &str) -> Rule {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_rule_fires_where_all_its_conditions_hold() {
        let cases = [
            (r#"{"kind":"lose"}"#, true),
            (
                r#"{"kind":"lose","path_contains":"/hold","method":"post","half":"action","saga_contains":"-1"}"#,
                true,
            ),
            (r#"{"kind":"lose","path_contains":"/release"}"#, false),
            (r#"{"kind":"lose","method":"PUT"}"#, false),
            (r#"{"kind":"lose","half":"compensation"}"#, false),
            (r#"{"kind":"lose","saga_contains":"-2"}"#, false),
            (r#"{"kind":"lose","probability":0}"#, false),
            (r#"{"kind":"lose","times":0}"#, false),
        ];
        for (text, fires) in cases {
            assert_eq!(plan(&mut [rule(text)], &HOLD).lose, fires, "{text}");
        }
        let mut by_hand = [Rule::by_chance(Kind::Lose, 1.0, 0)];
        assert!(!plan(&mut by_hand, &Facts { key: "", ..HOLD }).lose);
    }

    #[test]
    fn rules_add_up_and_count_down() {
        let mut rules = [
            rule(r#"{"kind":{"slow":{"ms":20}}}"#),
            rule(r#"{"kind":{"slow":{"ms":30}},"times":1}"#),
            rule(r#"{"kind":{"duplicate":{}},"times":1}"#),
        ];
        let first = plan(&mut rules, &HOLD);
        assert_eq!((first.wait.as_millis(), first.duplicate), (50, Some(Duration::ZERO)));
        let second = plan(&mut rules, &HOLD);
        assert_eq!((second.wait.as_millis(), second.duplicate), (20, None));
        assert_eq!(rules.map(|rule| rule.fired), [2, 1, 1]);
    }

    #[test]
    fn chance_is_fair_and_repeatable() {
        let mut rules = [Rule::by_chance(Kind::Lose, 0.1, 7)];
        let mut lost = Vec::new();
        for number in 0..10_000 {
            let attempt = number.to_string();
            if plan(&mut rules, &Facts { attempt: &attempt, ..HOLD }).lose {
                lost.push(number);
            }
        }
        assert!((900..1_100).contains(&lost.len()), "{}", lost.len());
        let attempt = lost[0].to_string();
        assert!(plan(&mut rules, &Facts { attempt: &attempt, ..HOLD }).lose);
    }
}
