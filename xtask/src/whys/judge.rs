//! What a story must say.

use serde_json::Value;
use std::fmt;

/// The part that must be there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    pub(super) place: Where,
    pub(super) service: &'static str,
    pub(super) step: &'static str,
    /// One of them.
    pub(super) stages: &'static [&'static str],
    /// Part of the reason.
    pub(super) reason: &'static str,
}

/// In which part of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// What failed.
    Failing,
    /// What was tried again, and went well then.
    Retried,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.place {
            Where::Failing => "failed",
            Where::Retried => "was tried again",
        };
        write!(f, "{} at {} {what}, stage {}", self.step, self.service, self.stages.join(" or "))?;
        if self.reason.is_empty() { Ok(()) } else { write!(f, ", since {:?}", self.reason) }
    }
}

/// What of it the story does not say; empty if it is right.
pub(super) fn wrong(story: &Value, expected: &Expected) -> Vec<String> {
    let part = match expected.place {
        Where::Failing => Some(&story["failing"]),
        Where::Retried => {
            story["retried"].as_array().and_then(|all| all.iter().find(|one| one["step"] == expected.step))
        }
    };
    let Some(part) = part.filter(|part| part.is_object()) else {
        return vec![format!("it says nothing of the kind: {story}")];
    };
    let text = |name: &str| part[name].as_str().unwrap_or_default().to_owned();
    let mut wrong = Vec::new();
    for (name, expected) in [("service", expected.service), ("step", expected.step)] {
        if text(name) != expected {
            wrong.push(format!("{name} is {:?}, not {expected:?}", text(name)));
        }
    }
    if !expected.stages.contains(&text("stage").as_str()) {
        wrong.push(format!("stage is {:?}, not {:?}", text("stage"), expected.stages));
    }
    if !expected.reason.is_empty() && !text("reason").contains(expected.reason) {
        wrong.push(format!("reason is {:?} and does not say {:?}", text("reason"), expected.reason));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const EXPECTED: Expected = Expected {
        place: Where::Failing,
        service: "payment",
        step: "pay",
        stages: &["callee_refused"],
        reason: "needed",
    };

    #[test]
    fn a_story_is_right_only_in_all_its_parts() {
        let right = json!({ "service": "payment", "step": "pay", "stage": "callee_refused", "reason": "100 are needed" });
        assert_eq!(wrong(&json!({ "failing": right }), &EXPECTED), Vec::<String>::new());
        for name in ["service", "step", "stage", "reason"] {
            let mut other = right.clone();
            other[name] = "other".into();
            assert_eq!(wrong(&json!({ "failing": other }), &EXPECTED).len(), 1, "{name}");
        }
        assert_eq!(wrong(&json!({ "failing": null }), &EXPECTED).len(), 1);
        let retried = Expected { place: Where::Retried, reason: "", ..EXPECTED };
        assert!(wrong(&json!({ "retried": [right] }), &retried).is_empty());
        assert_eq!(wrong(&json!({ "retried": [] }), &retried).len(), 1);
    }
}
