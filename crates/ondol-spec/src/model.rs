//! What a system file may say: the types behind the JSON Schema and the reader, so that the two cannot differ.
//!
//! Nothing here is judged beyond its shape (the private module `shape`); meaning is checked by [`crate::lint()`].

mod calls;
mod fault;
mod logs;
mod service;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::duration::Duration;

pub use calls::{
    Budget, Cache, CallRetry, Fallback, Hedge, Operation, OperationTimeout, Rate, StaticAnswer, Throttle,
};
pub use fault::{FaultKind, FaultRule};
pub use logs::{Begin, Logs};
pub use service::{Balance, Breaker, Health, Limits, Protocol, Service, Timeout};

/// A system: its services and its sagas.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "ondol.yaml")]
pub struct System {
    /// The version of this format: 1.
    pub ondol: u32,
    /// May this system inject faults into its calls? Needed for any `faults`. For tests. Default false.
    #[serde(default)]
    pub allow_faults: bool,
    /// The programs that are called, by name.
    #[serde(default)]
    pub services: BTreeMap<String, Service>,
    /// Values for headers that must not stand in this file, by name.
    #[serde(default)]
    pub secrets: BTreeMap<String, Secret>,
    /// The business transactions, by name.
    #[serde(default)]
    pub sagas: BTreeMap<String, Saga>,
    /// Log files of programs that do not send their logs.
    #[serde(default)]
    pub logs: Vec<Logs>,
}

/// Where the value of a secret comes from: `env` or `file`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// An environment variable of the server.
    pub env: Option<String>,
    /// A file that the server reads; white space at its end is dropped.
    pub file: Option<String>,
    /// The value where the variable or the file does not exist. For development.
    pub default: Option<String>,
}

/// A business transaction: steps that are all done, or undone.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Saga {
    /// How long it may go forward; undoing has no deadline. Default 10m.
    pub timeout: Option<Duration>,
    /// What is done, in order unless `after` says otherwise.
    #[schemars(length(min = 1, max = 256))]
    pub steps: Vec<Step>,
    /// What the saga answers when it is completed: any value, with `${{ }}` in it.
    pub output: Option<Json>,
    /// Who is told how it ended.
    pub notify: Option<Notify>,
}

/// One step: an action and, mostly, its compensation.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name, unique in its saga.
    pub name: String,
    /// What it does: `service METHOD /path`, or an object with `call`.
    pub action: Half,
    /// What undoes it: like `action`, or `none`.
    pub compensate: Option<Half>,
    /// The steps it waits for. Default: the one above it.
    #[schemars(length(max = 256))]
    pub after: Option<Vec<String>>,
    /// Does it happen at all? One `${{ }}` that is true or false.
    #[serde(rename = "if")]
    pub condition: Option<String>,
    /// Is there no way back after it?
    #[serde(default)]
    pub pivot: bool,
    /// How both halves are tried again.
    pub retry: Option<Retry>,
    /// From sending one attempt of either half to its answer, instead of the service's.
    pub timeout: Option<Duration>,
}

/// One half of a step: `service METHOD /path`, or the same as an object with more to say.
#[derive(Clone, Debug)]
pub enum Half {
    /// `service METHOD /path`, or `none` for a compensation.
    Line(String),
    /// With headers, a query, a body and rules for its answer.
    Call(Box<Call>),
}

/// A call in full.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// `service METHOD /path`.
    pub call: String,
    /// Headers of this request. Secrets may be used here.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Query parameters.
    #[serde(default)]
    pub query: BTreeMap<String, Scalar>,
    /// The JSON body, with `${{ }}` in it. Default: `{}` for POST, PUT and PATCH.
    #[serde(default, deserialize_with = "present")]
    #[schemars(!default)]
    pub body: Option<Json>,
    /// Refusals that count as undone (compensations only), such as 404.
    #[schemars(length(max = 32), inner(range(min = 400, max = 499)))]
    pub accept: Option<Vec<u16>>,
    /// Answers that are tried again although they look final.
    #[schemars(length(max = 32), inner(range(min = 300, max = 499)))]
    pub retry_on: Option<Vec<u16>>,
    /// How this half is tried again.
    pub retry: Option<Retry>,
    /// From sending one attempt to its answer, instead of the step's or the service's.
    pub timeout: Option<Duration>,
}

/// How a half is tried again; what is missing is the default.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Attempts in all. Default 5 for actions before the pivot, elsewhere without limit.
    #[schemars(range(min = 1, max = 64))]
    pub attempts: Option<u32>,
    /// The first delay. Default 200ms, or 1s where there is no limit of attempts.
    pub first: Option<Duration>,
    /// By how much each delay is longer than the one before. Default 2.
    #[schemars(range(min = 1, max = 100))]
    pub factor: Option<f64>,
    /// The longest delay. Default 10s, or 1m where there is no limit of attempts.
    pub max: Option<Duration>,
}

/// Who is told how a saga ended.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// Which ends are told.
    #[schemars(length(min = 1, max = 3))]
    pub events: Vec<Event>,
    /// Where to: an http or https URL that takes Standard Webhooks.
    pub webhook: String,
}

/// An end of a saga.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// Everything is done.
    Completed,
    /// Everything is undone.
    Compensated,
    /// A person is needed.
    Parked,
}

/// Any JSON value, kept as it is written.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Json(pub Box<RawValue>);

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// Reads a value that is there, also where it is `null`: as a body that is a value like any other.
pub(crate) fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(value).map(Some)
}

impl JsonSchema for Json {
    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "Any value; texts may hold ${{ expressions }}." })
    }
}

/// A text, a number or a boolean, kept as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar(pub String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        if raw.starts_with('"') {
            return serde_json::from_str(raw).map(Self).map_err(serde::de::Error::custom);
        }
        Ok(Self(raw.to_owned()))
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean"] })
    }
}

impl<'de> Deserialize<'de> for Half {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HalfVisitor)
    }
}

/// By hand, since an untagged enum would buffer and so lose the body as it is written.
struct HalfVisitor;

impl<'de> Visitor<'de> for HalfVisitor {
    type Value = Half;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`service METHOD /path` or an object with `call`")
    }

    fn visit_str<E>(self, line: &str) -> Result<Half, E> {
        Ok(Half::Line(line.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Half, A::Error> {
        Call::deserialize(MapAccessDeserializer::new(map)).map(|call| Half::Call(Box::new(call)))
    }
}

impl JsonSchema for Half {
    fn schema_name() -> Cow<'static, str> {
        "Half".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let call = generator.subschema_for::<Call>();
        json_schema!({
            "description": "`service METHOD /path`, or an object with `call`; a compensation may be `none`.",
            "anyOf": [{ "type": "string" }, call],
        })
    }
}
