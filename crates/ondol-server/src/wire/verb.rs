//! What a person asks of a saga.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::event::Event;
use super::schema::{HalfName, SagaStatus};

/// A verb's arguments. An empty body means none.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Act<'a> {
    /// The step it is about; may be left out where only one can be meant.
    #[serde(borrow)]
    pub(crate) step: Option<Cow<'a, str>>,
    /// `action` or `compensation`; the one that is being tried where it is left out.
    #[serde(borrow)]
    #[schema(value_type = Option<HalfName>)]
    pub(crate) half: Option<Cow<'a, str>>,
    /// For `complete`: the output that later steps shall see.
    #[serde(borrow, deserialize_with = "super::present")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub(crate) output: Option<&'a RawValue>,
    /// For `edit`: the new input.
    #[serde(borrow, deserialize_with = "super::present")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub(crate) input: Option<&'a RawValue>,
    /// For `resend`: the number of the notice.
    pub(crate) notice: Option<u16>,
    /// Why, at most 1,024 bytes. Kept in the journal; `complete`, `skip` and `edit` need one.
    #[serde(borrow)]
    pub(crate) note: Option<Cow<'a, str>>,
    /// Who acts, 1 to 128 bytes. Kept in the journal as it is said here: nobody verifies it.
    #[serde(borrow)]
    pub(crate) by: Option<Cow<'a, str>>,
    /// Only if the saga's last event has this number.
    pub(crate) if_seq: Option<u64>,
}

/// What a verb is answered.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ActAnswer<'a> {
    /// It was carried out.
    Acted(Acted<'a>),
    /// It was only asked about.
    DryRun(DryRun<'a>),
}

/// A verb was carried out. Without other members, so that the description can tell it from a dry run.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acted<'a> {
    pub(crate) id: &'a str,
    /// Number of the saga's last event now.
    pub(crate) seq: u64,
    /// Is it recorded, and waits for the pivot's outcome?
    pub(crate) pending: bool,
}

/// What a verb would cause.
#[derive(Serialize, ToSchema)]
pub(crate) struct DryRun<'a> {
    pub(crate) id: &'a str,
    /// Number of the saga's last event now.
    pub(crate) seq: u64,
    /// Would it wait for the pivot's outcome?
    pub(crate) pending: bool,
    /// The saga's status then.
    #[schema(value_type = SagaStatus)]
    pub(crate) status: &'static str,
    /// The events it would cause at once.
    pub(crate) events: Vec<Event<'a>>,
    /// The calls that would be sent then. Headers are left out, since they may hold secrets.
    pub(crate) calls: Vec<CallView<'a>>,
}

/// A call that would be sent.
#[derive(Serialize, ToSchema)]
#[schema(as = Call)]
pub(crate) struct CallView<'a> {
    pub(crate) step: &'a str,
    #[schema(value_type = HalfName)]
    pub(crate) half: &'static str,
    pub(crate) service: String,
    /// Method and path; absent where the request cannot be rendered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub(crate) body: Option<Box<RawValue>>,
    /// Why the request cannot be rendered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}
