//! What to do.

use super::case::{Case, Saga, Status, Verb};
use super::logs;
use super::saga::{command, unreachable};
use super::sentence::Next;
use super::story::Stage;
use crate::model::TraceId;
use crate::trace::one_line;

/// What failed, as far as it matters for what to do.
pub(super) struct Failure<'a> {
    pub(super) stage: Stage,
    pub(super) service: &'a str,
    /// Whose lines of logs tell more, where that is not the service itself: it sends no telemetry.
    pub(super) witness: Option<&'a str>,
    /// Ondol knows that the request never left.
    pub(super) unsent: bool,
    /// How long the caller waited, in nanoseconds.
    pub(super) waited_ns: u64,
}

/// A sentence with the command that does it.
pub(super) type Advised = (Next, Option<String>);

pub(super) fn next(case: &Case, trace_id: Option<TraceId>, failure: Option<&Failure<'_>>) -> Vec<Advised> {
    let mut advised: Vec<Advised> = Vec::new();
    if let Some(failure) = failure {
        look(case, trace_id, failure, &mut advised);
    }
    match &case.saga {
        Some(saga) => act(saga, &mut advised),
        None if failure.is_none() && case.trace.is_none() && case.logs.is_empty() => {
            advised.push((Next::CheckId { id: one_line(&case.id) }, None));
        }
        None if failure.is_none() => {
            if let Some(writer) = logs::writer(&case.logs, trace_id).map(one_line) {
                let command = lines_of(&writer, trace_id);
                advised.push((Next::ReadLogs { service: writer }, Some(command)));
            }
        }
        None => {}
    }
    if advised.is_empty() {
        advised.push((Next::Nothing, None));
    }
    advised
}

/// Where to look.
fn look(case: &Case, trace_id: Option<TraceId>, failure: &Failure<'_>, advised: &mut Vec<Advised>) {
    let Failure { stage, service, witness, unsent, waited_ns } = *failure;
    if service.is_empty() {
        return;
    }
    let service = one_line(service);
    let term = quoted(&service);
    let writer = witness.map_or_else(|| service.clone(), one_line);
    let up = || match case.saga {
        Some(_) => format!("ondol call --explain {service}"),
        None => format!("ondol logs 'service:{term}'"),
    };
    match stage {
        Stage::CalleeFailed | Stage::Own | Stage::Unusable => {
            let command = lines_of(&writer, trace_id);
            advised.push((Next::ReadLogs { service: writer }, Some(command)));
        }
        Stage::NeverArrived | Stage::Unclear => {
            advised.push((Next::CheckUp { service: service.clone() }, Some(up())));
            if !unsent {
                advised.push((Next::CheckTelemetry { service }, None));
            }
        }
        Stage::SlowCallee => {
            let at_least_ms = (waited_ns / 1_000_000).max(1);
            let traces = format!("ondol traces 'service:{term} duration:>={at_least_ms}ms'");
            advised.push((Next::FindSlow { service }, Some(traces)));
        }
        Stage::AnswerLost => advised.push((Next::CheckNetwork { service }, None)),
        Stage::CalleeRefused | Stage::Saga => {}
    }
}

/// What to do about the saga.
fn act(saga: &Saga, advised: &mut Vec<Advised>) {
    let helps = |verb: Verb| match saga.status {
        Status::Parked => !matches!(verb, Verb::Pause | Verb::Resend),
        Status::Running | Status::Compensating => verb == Verb::Resume,
        Status::Completed | Status::Compensated => false,
    };
    let before = advised.len();
    let allowed = saga.allowed.iter().filter(|allowed| helps(allowed.verb));
    advised.extend(allowed.map(|allowed| (Next::Deed { verb: allowed.verb }, Some(command(saga, allowed)))));
    match saga.status {
        Status::Running | Status::Compensating if advised.len() == before => {
            if let Some(service) = unreachable(saga) {
                let service = one_line(service);
                let explain = format!("ondol call --explain {service}");
                let check = (Next::CheckUp { service }, Some(explain));
                if !advised.iter().any(|(_, command)| *command == check.1) {
                    advised.push(check);
                }
            }
            advised.push((Next::GoesOn, Some(format!("ondol events {} --follow", one_line(&saga.id)))));
        }
        Status::Compensated => advised.push((Next::SubmitAgain, None)),
        Status::Running | Status::Compensating | Status::Completed | Status::Parked => {}
    }
}

/// The command that shows what a service wrote.
fn lines_of(service: &str, trace_id: Option<TraceId>) -> String {
    let service = quoted(service);
    match trace_id {
        Some(trace_id) => format!("ondol logs 'service:{service} trace:{trace_id}'"),
        None => format!("ondol logs 'service:{service} level:>=warn'"),
    }
}

/// A value of a query within single quotes of a shell.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    let kept: String = value.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect();
    format!("\"{kept}\"")
}
