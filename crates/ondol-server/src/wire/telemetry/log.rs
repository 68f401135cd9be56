//! Log records.

use std::collections::BTreeMap;

use ondol_telemetry::model::{Key, Log};
use ondol_telemetry::query::Count;
use serde::Serialize;
use utoipa::ToSchema;

use super::trace::object;
use super::{Moment, QueryHint};

/// Log records that match.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogList {
    /// The newest first.
    pub(crate) logs: Vec<LogView>,
    /// How many match, as far as they were counted.
    pub(crate) matched: u64,
    /// Are these all of them?
    pub(crate) exact: bool,
    /// For the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
    /// Parts of the query that probably mean something else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hints: Vec<QueryHint>,
}

/// A log record.
#[derive(Serialize, ToSchema)]
#[schema(as = Log)]
pub(crate) struct LogView {
    pub(crate) time_ns: Moment,
    /// Tells it from other lines of that nanosecond, for its context; lines that say the same have the same.
    pub(crate) key: String,
    /// `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `unset`.
    pub(crate) level: &'static str,
    /// 1 to 24, by OpenTelemetry; 0 where nobody said.
    pub(crate) severity: u8,
    pub(crate) service: String,
    pub(crate) instance: String,
    pub(crate) scope: String,
    pub(crate) body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) span_id: Option<String>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) resource: BTreeMap<String, String>,
}

/// The lines around one line of the same instance.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogContext {
    /// Oldest first.
    pub(crate) before: Vec<LogView>,
    /// The line itself; absent where nothing was written at that nanosecond.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<LogView>,
    /// Oldest first.
    pub(crate) after: Vec<LogView>,
}

/// Counts over time.
#[derive(Serialize, ToSchema)]
pub(crate) struct Histogram {
    /// The length of a step.
    pub(crate) step_ns: u64,
    /// Oldest first, without gaps.
    pub(crate) counts: Vec<Step>,
}

/// One step of time.
#[derive(Serialize, ToSchema)]
#[schema(as = LogStep)]
pub(crate) struct Step {
    pub(crate) from_ns: Moment,
    pub(crate) unset: u64,
    pub(crate) trace: u64,
    pub(crate) debug: u64,
    pub(crate) info: u64,
    pub(crate) warn: u64,
    pub(crate) error: u64,
    pub(crate) fatal: u64,
}

/// What many lines have in common.
#[derive(Serialize, ToSchema)]
pub(crate) struct TemplateList {
    /// The most frequent first.
    pub(crate) templates: Vec<TemplateView>,
    /// Lines that were looked at: the newest that match.
    pub(crate) lines: u64,
    /// Do more lines match than were looked at?
    pub(crate) more: bool,
}

/// One template.
#[derive(Serialize, ToSchema)]
#[schema(as = Template)]
pub(crate) struct TemplateView {
    pub(crate) id: String,
    pub(crate) service: String,
    /// The line, with `<*>` for what differs.
    pub(crate) text: String,
    /// Lines of the window.
    pub(crate) count: u64,
    /// Is there none in the time before, as long as the window?
    pub(crate) new: bool,
    pub(crate) first_ns: Moment,
    pub(crate) last_ns: Moment,
}

/// What a live tail sends: a record, or how many were missed because the reader is slow.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tailed {
    /// A record.
    Log(Box<LogView>),
    /// How many batches of records were missed, at least one record each.
    Missed(u64),
}

/// What tells lines of one time apart, as text.
pub(crate) fn digest(key: Key) -> String {
    format!("{:016x}", key.digest)
}

impl From<&Log> for LogView {
    fn from(log: &Log) -> Self {
        Self {
            time_ns: Moment(log.time_ns),
            key: digest(log.key()),
            level: log.level().name(),
            severity: log.severity,
            service: log.source.service.clone(),
            instance: log.source.instance.clone(),
            scope: log.scope.clone(),
            body: log.body.clone(),
            trace_id: log.trace_id.map(|id| id.to_string()),
            span_id: log.span_id.map(|id| id.to_string()),
            attributes: object(&log.attributes),
            resource: object(&log.source.resource),
        }
    }
}

impl From<&Count> for Step {
    fn from(count: &Count) -> Self {
        let [unset, trace, debug, info, warn, error, fatal] = count.levels;
        Self { from_ns: Moment(count.from_ns), unset, trace, debug, info, warn, error, fatal }
    }
}
