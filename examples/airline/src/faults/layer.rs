//! Carries out what the rules plan, around a service's routes.

use super::{Facts, Plan, RULES_MAX, Rule, plan};
use crate::telemetry::{self, Unfinished};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, request::Parts};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use ondol_sdk::Problem;
use ondol_sdk::step::BODY_BYTES_MAX;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// Marks a response that must not be sent: the connection is closed instead.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("closed without an answer, as a fault rule asks")]
pub struct Unanswered;

/// The rules in force; cheap to clone.
#[derive(Debug, Clone)]
pub struct Faults {
    rules: Arc<Mutex<Vec<Rule>>>,
    requests: Arc<AtomicU64>,
    background: TaskTracker,
}

/// The document of `/faults`.
#[derive(Debug, Serialize, Deserialize)]
struct Document {
    rule: Vec<Rule>,
}

impl Faults {
    /// Starts with these rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        let rules = Arc::new(Mutex::new(rules));
        Self { rules, requests: Arc::default(), background: TaskTracker::new() }
    }

    /// Owns what runs beside requests: connections and late duplicates.
    pub const fn background(&self) -> &TaskTracker {
        &self.background
    }

    /// Puts the faults around `routes` and adds `/faults`, which is spared.
    pub fn around(&self, routes: Router) -> Router {
        let admin = get(show).put(set).delete(clear).with_state(self.clone());
        routes.layer(from_fn_with_state(self.clone(), around)).route("/faults", admin)
    }

    fn with_rules<T>(&self, work: impl FnOnce(&mut Vec<Rule>) -> T) -> T {
        // A panic while the rules were held leaves them whole: every change is one assignment.
        work(&mut self.rules.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn plan(&self, parts: &Parts) -> Plan {
        let number = self.requests.fetch_add(1, Ordering::Relaxed).to_string();
        let text = |name| text(&parts.headers, name);
        let facts = Facts {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            key: text("idempotency-key").or_else(|| text("webhook-id")).unwrap_or_default(),
            saga: text("ondol-saga-id").unwrap_or_default(),
            attempt: text("ondol-attempt").unwrap_or(&number),
        };
        self.with_rules(|rules| plan(rules, &facts))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

async fn show(State(faults): State<Faults>) -> Json<Document> {
    Json(Document { rule: faults.with_rules(|rules| rules.clone()) })
}

async fn set(State(faults): State<Faults>, Json(document): Json<Document>) -> Result<StatusCode, Problem> {
    if document.rule.len() > RULES_MAX {
        let detail = format!("{} rules, at most {RULES_MAX} (RULES_MAX); send fewer", document.rule.len());
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too_many_rules", detail));
    }
    faults.with_rules(|rules| *rules = document.rule);
    Ok(StatusCode::NO_CONTENT)
}

async fn clear(State(faults): State<Faults>) -> StatusCode {
    faults.with_rules(Vec::clear);
    StatusCode::NO_CONTENT
}

async fn around(State(faults): State<Faults>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let plan = faults.plan(&parts);
    let label =
        format!("{} {} {}", parts.method, parts.uri, text(&parts.headers, "idempotency-key").unwrap_or("-"));
    if plan != Plan::default() {
        tracing::debug!(request = label, ?plan, "fault");
    }
    if plan.lose {
        // As if the network had lost it: the service knows nothing of the request.
        tokio::time::sleep(plan.wait).await;
        return unanswered();
    }
    let span = telemetry::request(&parts);
    if plan.wait > Duration::ZERO {
        return slowly(faults, plan, (parts, body), next, label, span).await;
    }
    let unfinished = Unfinished::new(span.clone());
    let response =
        handle(&faults, &plan, Request::from_parts(parts, body), next, label).instrument(span).await;
    unfinished.finish();
    response
}

/// A slow service does not notice that its caller has gone: it has the request, and goes on with it.
async fn slowly(
    faults: Faults,
    plan: Plan,
    (parts, body): (Parts, Body),
    next: Next,
    label: String,
    span: tracing::Span,
) -> Response {
    let Ok(bytes) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else { return unanswered() };
    let request = Request::from_parts(parts, Body::from(bytes));
    let background = faults.background.clone();
    let handled = async move { handle(&faults, &plan, request, next, label).await };
    background.spawn(handled.instrument(span)).await.unwrap_or_else(|_| unanswered())
}

/// What the service does, and says of it.
async fn handle(faults: &Faults, plan: &Plan, request: Request, next: Next, label: String) -> Response {
    let (parts, body) = request.into_parts();
    if plan.wait > Duration::ZERO {
        tokio::time::sleep(plan.wait).await;
    }
    if let Some(status) = plan.refuse {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        let detail = "refused because a fault rule asks for it";
        let response = Problem::new(status, "fault", detail).into_response();
        tracing::warn!(status = status.as_u16(), "{detail}");
        telemetry::answered(&response);
        return response;
    }
    let response = match plan.duplicate {
        None => next.run(Request::from_parts(parts, body)).await,
        Some(after) => twice(faults, parts, body, next, after).await,
    };
    tracing::info!(status = response.status().as_u16(), "{label}");
    telemetry::answered(&response);
    if plan.die {
        die();
    }
    if plan.drop_answer { unanswered() } else { response }
}

/// Handles the request now, answers that, and handles its copy `after` that in the background.
async fn twice(faults: &Faults, parts: Parts, body: Body, next: Next, after: Duration) -> Response {
    let Ok(bytes) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else { return unanswered() };
    let request = |bytes: Bytes| Request::from_parts(parts.clone(), Body::from(bytes));
    let (first, second) = (request(bytes.clone()), request(bytes));
    let response = next.clone().run(first).await;
    let span = telemetry::request(&parts);
    faults.background.spawn(async move {
        tokio::time::sleep(after).await;
        let second = async {
            let response = next.run(second).await;
            telemetry::answered(&response);
        };
        second.instrument(span).await;
    });
    response
}

fn unanswered() -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Unanswered);
    response
}

/// As a power cut would: no destructor, no flush, no core file.
fn die() -> ! {
    let killed = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    tracing::error!(?killed, "still alive after SIGKILL to myself");
    std::process::abort()
}
