//! The system: what is live, findings, definitions.

use std::fmt::Write as _;

use ondol_core::Half;
use ondol_engine::Blueprint;
use ondol_spec::{Finding, LogFiles};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::system::{Live, Origin};
use crate::wire::schema::HalfName;
use crate::wire::{raw, words};

/// One thing to mend in a system file or a plan.
#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct FindingView {
    /// `error` or `warning`.
    severity: String,
    /// Its stable name.
    code: &'static str,
    line: u32,
    column: u32,
    /// The way to it, such as `sagas.book-flight.steps[1].action`.
    path: String,
    message: String,
    reason: &'static str,
    fix: String,
}

impl From<&Finding> for FindingView {
    fn from(finding: &Finding) -> Self {
        Self {
            severity: finding.severity.to_string(),
            code: finding.code.as_str(),
            line: finding.at.line,
            column: finding.at.column,
            path: finding.path.clone(),
            message: finding.message.clone(),
            reason: finding.reason,
            fix: finding.fix.clone(),
        }
    }
}

/// The system that is live. Values of secrets and headers are never shown.
#[derive(Serialize, ToSchema)]
#[schema(as = System)]
pub(crate) struct SystemView {
    /// `config` (the file the server was started with), `put` (sent to the API) or `empty`.
    source: &'static str,
    /// The file, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// The first half of the file's SHA-256.
    digest: String,
    since: String,
    services: Vec<ServiceView>,
    /// Names of secrets.
    secrets: Vec<String>,
    /// Log files that are read as they grow.
    logs: Vec<LogFilesView>,
    /// Names of definitions.
    definitions: Vec<String>,
    /// Warnings of lint.
    findings: Vec<FindingView>,
}

/// Log files that are read as they grow.
#[derive(Serialize, ToSchema)]
#[schema(as = LogFiles)]
pub(crate) struct LogFilesView {
    /// Which files: a path with `*`, `?`, `[a-z]` and `**`.
    files: String,
    /// The service that writes them.
    service: String,
    /// Its instance; where there is none, the path of the file.
    instance: Option<String>,
    /// Where to begin with files that are there when the entry is new.
    #[schema(value_type = LogFilesFrom)]
    from: ondol_spec::model::Begin,
}

/// Where to begin with a log file.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum LogFilesFrom {
    Start,
    End,
}

/// A service.
#[derive(Serialize, ToSchema)]
#[schema(as = Service)]
pub(crate) struct ServiceView {
    name: String,
    urls: Vec<String>,
    barrier: bool,
    connect_timeout_ms: u64,
    response_timeout_ms: u64,
}

impl SystemView {
    pub(crate) fn new(live: &Live) -> Self {
        let service = |(name, service): (&String, &ondol_spec::Service)| ServiceView {
            name: name.clone(),
            urls: service.origins.iter().map(ToString::to_string).collect(),
            barrier: service.barrier,
            connect_timeout_ms: service.connect_ms,
            response_timeout_ms: service.response_ms,
        };
        let (source, file) = match &live.origin {
            Origin::Empty => ("empty", None),
            Origin::Config(path) => ("config", Some(path.display().to_string())),
            Origin::Put => ("put", None),
        };
        Self {
            source,
            file,
            digest: format!("{:032x}", live.digest),
            since: crate::clock::text(live.since_ms),
            services: live.system.services.iter().map(service).collect(),
            secrets: live.system.secrets.keys().cloned().collect(),
            logs: live.system.logs.iter().map(LogFilesView::from).collect(),
            definitions: live.system.definitions.keys().cloned().collect(),
            findings: live.warnings.iter().map(FindingView::from).collect(),
        }
    }
}

impl From<&LogFiles> for LogFilesView {
    fn from(logs: &LogFiles) -> Self {
        let LogFiles { files, service, instance, from } = logs.clone();
        Self { files, service, instance, from }
    }
}

/// What became of a system file.
#[derive(Serialize, ToSchema)]
pub(crate) struct SystemPut {
    /// The version of each definition, new or as before.
    pub(crate) definitions: Vec<DefinitionVersion>,
    /// Warnings of lint.
    pub(crate) findings: Vec<FindingView>,
    /// Until when it holds.
    pub(crate) holds: &'static str,
}

/// A definition and its newest version.
#[derive(Serialize, ToSchema)]
pub(crate) struct DefinitionVersion {
    pub(crate) name: String,
    pub(crate) version: u32,
}

/// A definition in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct DefinitionRow {
    pub(crate) name: String,
    /// Its newest version.
    pub(crate) version: u32,
    /// Is it in the system that is live? Others came before, or with a request.
    pub(crate) live: bool,
    pub(crate) steps: usize,
    pub(crate) services: Vec<String>,
}

/// The definitions there are.
#[derive(Serialize, ToSchema)]
pub(crate) struct Definitions {
    pub(crate) definitions: Vec<DefinitionRow>,
}

/// One version of a definition.
#[derive(Serialize, ToSchema)]
#[schema(as = Definition)]
pub(crate) struct DefinitionView<'a> {
    name: &'a str,
    version: u32,
    /// How many versions there are.
    versions: usize,
    /// SHA-256 of `plan`.
    digest: String,
    steps: Vec<DefinitionStep<'a>>,
    /// How long it may go forward, in milliseconds.
    timeout_ms: u64,
    /// What its expressions read of the input, as a JSON Schema (draft 2020-12) with `type`, `properties` and `required`. It
    /// says nothing about what the values must be, and an input that does not match is accepted all the same.
    #[schema(value_type = Object)]
    input_schema: serde_json::Value,
    /// Everything a saga is pinned to, as it is stored.
    #[schema(value_type = Object)]
    plan: &'a RawValue,
}

/// A step of a definition.
#[derive(Serialize, ToSchema)]
pub(crate) struct DefinitionStep<'a> {
    name: &'a str,
    after: Vec<&'a str>,
    pivot: bool,
    /// Has it a condition?
    condition: bool,
    /// The condition as it is written.
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    written_condition: Option<&'a str>,
    halves: Vec<DefinitionHalf<'a>>,
}

/// A half of a step.
#[derive(Serialize, ToSchema)]
pub(crate) struct DefinitionHalf<'a> {
    #[schema(value_type = HalfName)]
    half: &'static str,
    service: &'a str,
    method: &'static str,
    /// The path as it is written, with its `${{ }}`.
    path: &'a str,
    /// Attempts in all; null where there is no limit.
    attempts_max: Option<u32>,
    retry: RetryView,
    /// The response timeout of one attempt, in milliseconds; null where it is the service's.
    timeout_ms: Option<u64>,
    /// Refusals that count as done.
    accept: &'a [u16],
    /// Answers that are tried again although they look final.
    retry_on: &'a [u16],
}

/// How far apart attempts are: each delay is a random time up to a ceiling that grows.
#[derive(Serialize, ToSchema)]
#[schema(as = Retry)]
pub(crate) struct RetryView {
    /// The first ceiling, in milliseconds.
    first_ms: u64,
    /// From one ceiling to the next, in percent: 200 doubles it.
    factor_percent: u32,
    /// The largest ceiling, in milliseconds.
    max_ms: u64,
}

impl<'a> DefinitionView<'a> {
    pub(crate) fn new(blueprint: &'a Blueprint, versions: usize) -> Self {
        let definition = &blueprint.definition;
        let plan = definition.plan();
        let half = |step, half, retry: &ondol_core::Retry| {
            let call = definition.call(step, half)?;
            Some(DefinitionHalf {
                half: words::half(half),
                service: call.service(),
                method: call.method().as_str(),
                path: call.written_path(),
                attempts_max: retry.attempts_max,
                retry: RetryView {
                    first_ms: retry.first_ms,
                    factor_percent: retry.factor_percent,
                    max_ms: retry.max_ms,
                },
                timeout_ms: call.timeout_ms(),
                accept: call.accept(),
                retry_on: call.retry_on(),
            })
        };
        let step = |(id, step): (ondol_core::StepId, &'a ondol_core::Step)| DefinitionStep {
            name: &step.name,
            after: step.after.iter().filter_map(|id| plan.step(*id)).map(|step| &*step.name).collect(),
            pivot: step.pivot,
            condition: step.condition,
            written_condition: definition.written_condition(id),
            halves: half(id, Half::Action, &step.action)
                .into_iter()
                .chain(step.compensation.as_ref().and_then(|retry| half(id, Half::Compensation, retry)))
                .collect(),
        };
        Self {
            name: &blueprint.name,
            version: blueprint.version,
            versions,
            digest: hex(&definition.digest()),
            steps: plan.ids().zip(plan.steps()).map(step).collect(),
            timeout_ms: plan.timeout_ms(),
            input_schema: definition.input_schema(),
            plan: raw(definition.canonical().as_bytes()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}
