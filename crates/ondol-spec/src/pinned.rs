//! What a running saga stays pinned to, as it is stored: every default resolved, nothing live in it.
//!
//! This is a stored format. Fields are only added, with a default that means what their absence meant; anything else
//! takes a new [`FORMAT`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Event, Json, present};

/// The version of the stored format.
pub(crate) const FORMAT: u32 = 1;

/// One definition. The order of the fields is the order in the canonical JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saga {
    pub(crate) format: u32,
    pub(crate) name: String,
    pub(crate) timeout_ms: u64,
    pub(crate) steps: Vec<Step>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<Json>,
    /// Sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notify: Vec<Event>,
    /// Where to, for a plan that no system file knows; elsewhere the address is live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) webhook: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) name: String,
    /// Indices of steps.
    pub(crate) after: Vec<u16>,
    #[serde(rename = "if", default, skip_serializing_if = "Option::is_none")]
    pub(crate) condition: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) pivot: bool,
    pub(crate) action: Call,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) compensation: Option<Call>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) service: String,
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) query: BTreeMap<String, String>,
    /// Names in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<Json>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) accept: Vec<u16>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) retry_on: Vec<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) timeout_ms: Option<u64>,
    pub(crate) retry: Retry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attempts: Option<u32>,
    pub(crate) first_ms: u64,
    pub(crate) factor_percent: u32,
    pub(crate) max_ms: u64,
}

impl From<Retry> for ondol_core::Retry {
    fn from(retry: Retry) -> Self {
        let Retry { attempts, first_ms, factor_percent, max_ms } = retry;
        Self { attempts_max: attempts, first_ms, factor_percent, max_ms }
    }
}
