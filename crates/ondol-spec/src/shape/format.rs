//! Texts that hold a number and its unit: durations and shares.

use serde_json::Value;

use crate::duration::{self, Duration};
use crate::finding::{Code, Fault, quoted};
use crate::node::{Kind, Node};
use crate::share::{self, Share};

/// A format of text that the JSON Schema names and the model reads.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Duration,
    Share,
}

impl Format {
    /// The format of a schema, if it has one of these.
    pub(super) fn of(schema: &Value) -> Option<Self> {
        match schema.get("format").and_then(Value::as_str)? {
            duration::FORMAT => Some(Self::Duration),
            share::FORMAT => Some(Self::Share),
            _ => None,
        }
    }

    /// What is wrong with a node. `nothing`: may it be left out?
    pub(super) fn check(self, node: &Node, nothing: bool) -> Option<Fault> {
        let message = match &node.kind {
            Kind::Text(text) if self.reads(text) => return None,
            Kind::Null if nothing => return None,
            Kind::Text(text) | Kind::Number(text) => format!("{} is not a {}", quoted(text), self.name()),
            Kind::Null | Kind::Bool(_) | Kind::List(_) | Kind::Map(_) => {
                format!("expected a {}, found {}", self.name(), node.kind_name())
            }
        };
        let (code, fix) = match self {
            Self::Duration => {
                (Code::BadDuration, "write a whole number and a unit: 300ms, 2s, 2m, 1h or 30d")
            }
            Self::Share => (Code::BadShare, "write a number and %: 20% or 0.5%"),
        };
        Some(Fault::new(code, message, fix))
    }

    fn reads(self, text: &str) -> bool {
        match self {
            Self::Duration => text.parse::<Duration>().is_ok(),
            Self::Share => text.parse::<Share>().is_ok(),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::Share => "share",
        }
    }
}
