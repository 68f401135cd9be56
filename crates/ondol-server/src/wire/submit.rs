//! Submitting a saga.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::saga::FailureView;

/// A saga to run: a definition by name, or a plan.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Submit<'a> {
    /// The saga's id, `[A-Za-z0-9._-]{1,128}`; without one the server makes a ULID. May stand in the header
    /// `Idempotency-Key` instead.
    #[serde(borrow, default)]
    pub(crate) id: Option<Cow<'a, str>>,
    /// Name of the definition. This or `plan`.
    #[serde(borrow, default)]
    pub(crate) definition: Option<Cow<'a, str>>,
    /// Version of the definition; the newest where none is given.
    #[serde(default)]
    pub(crate) version: Option<u32>,
    /// A plan in the form it has in the system file, as JSON. This or `definition`.
    #[serde(borrow, default)]
    #[schema(value_type = Option<Object>)]
    pub(crate) plan: Option<&'a RawValue>,
    /// The input; `null` where none is given.
    #[serde(borrow, default)]
    #[schema(value_type = Option<serde_json::Value>)]
    pub(crate) input: Option<&'a RawValue>,
}

/// A saga that was accepted: durable, and it will come to its end.
#[derive(Serialize, ToSchema)]
pub(crate) struct Submitted<'a> {
    /// Its id.
    pub(crate) id: &'a str,
    /// The definition it follows.
    pub(crate) definition: &'a str,
    /// The version it is pinned to.
    pub(crate) version: u32,
    /// `running`, `compensating`, `parked`, `completed` or `compensated`.
    #[schema(value_type = super::schema::SagaStatus)]
    pub(crate) status: &'static str,
    /// Number of its last event.
    pub(crate) seq: u64,
    /// What it answers, where it was waited for and is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub(crate) output: Option<&'a RawValue>,
    /// The first failure, where it was waited for and did not simply complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failed: Option<FailureView<'a>>,
    /// True where the saga ended so long ago that its history was dropped.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) dropped: bool,
}
