//! Gathering: the saga, the spans of its trace, the lines written in it, and what the failing service wrote then.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ondol_engine::{SagaId, Story};
use ondol_telemetry::model::{Level, Log, Span, TraceId};
use ondol_telemetry::query::{Field, Filter, Query, Term, Test, Window};
use ondol_telemetry::trace::{Failure, Tree, failure};
use ondol_telemetry::{QueryError, Telemetry};

use super::named::{self, ID_MAX};
use crate::api::{ask, missing};
use crate::app::App;
use crate::outbound::trace as derived;
use crate::problem::{Answer, Code, Problem};
use crate::{clock, spans};

/// Lines of the trace that are looked at; five of them are told.
const LOGS_MAX: usize = 500;

/// Lines of the failing service that are looked at beside those of the trace.
const NEARBY_MAX: usize = 100;

/// Around the failure, both ways: a service that has trouble says so within seconds.
const NEARBY_NS: u64 = 3_000_000_000;

/// All that is known.
pub(crate) struct Gathered {
    pub(crate) story: Option<Story>,
    pub(crate) trace_id: Option<TraceId>,
    /// The trace, what Ondol itself knows of it included.
    pub(crate) tree: Tree,
    /// Where its error came from, as far as spans tell.
    pub(crate) failure: Option<Failure>,
    /// Of the trace, and of the failing service around that moment; each once, by time.
    pub(crate) logs: Vec<Log>,
    /// Services that nobody can reach now, and why.
    pub(crate) unreachable: HashMap<String, String>,
    /// Why telemetry has nothing to add, where it cannot be asked.
    pub(crate) away: Option<String>,
}

/// Gathers what is known of an id.
///
/// # Errors
/// Nothing is known of it.
pub(crate) async fn gather(app: &App, id: &str) -> Answer<Gathered> {
    if id.is_empty() || id.len() > ID_MAX {
        let detail = format!("an id has 1 to {ID_MAX} characters");
        return Err(Problem::new(Code::BadRequest, detail));
    }
    let mut story = named::saga(app, id).await?;
    let away = app.telemetry.open().err();
    let trace_id = match &story {
        Some(story) => trace_of(story),
        None => traced(app, id, away.is_none()).await?,
    };
    let known = trace_id.filter(|_| away.is_none());
    let stored = match known {
        Some(trace_id) => ask(app, move |telemetry| telemetry.trace(trace_id)).await?,
        None => Vec::new(),
    };
    if story.is_none()
        && let Some(saga) = named::saga_of(&stored)
    {
        story = named::saga(app, saga).await?;
    }
    if story.is_none() && stored.is_empty() {
        return Err(unknown(app, id, away.as_deref()).await?);
    }
    let unreachable = unreachable(app).await;
    let spans = merged(stored, story.as_ref(), &unreachable);
    let own_failure = story.as_ref().and_then(failing_service);
    let tree = Tree::of(&spans);
    let failure = failure(&tree);
    let failed = failure.as_ref().map(|failure| (failure.service.clone(), failure.origin.end_ns));
    let logs = match known {
        Some(trace_id) => {
            ask(app, move |telemetry| logs(telemetry, trace_id, failed.or(own_failure))).await?
        }
        None => Vec::new(),
    };
    Ok(Gathered { story, trace_id, tree, failure, logs, unreachable, away })
}

/// The trace of a saga: that of whoever submitted it, else its own.
fn trace_of(story: &Story) -> Option<TraceId> {
    let submission = story.saga.submission()?;
    Some(TraceId(derived::trace_id(submission.run, submission.trace).to_be_bytes()))
}

/// The trace that an id names, by itself or, where telemetry can be asked, as a request's.
async fn traced(app: &App, id: &str, asked: bool) -> Answer<Option<TraceId>> {
    if let Some(trace_id) = named::trace(&id.to_ascii_lowercase()) {
        return Ok(Some(trace_id));
    }
    if !asked {
        return Ok(None);
    }
    let id = id.to_owned();
    ask(app, move |telemetry| named::request(telemetry, &id)).await
}

/// What is stored, and of Ondol's own what is not: a saga that goes on has spans that have not ended.
fn merged(mut stored: Vec<Span>, story: Option<&Story>, unreachable: &HashMap<String, String>) -> Vec<Span> {
    let Some(story) = story else { return stored };
    let own = |span: &&Span| span.source.service == spans::SERVICE;
    let known: HashSet<_> = stored.iter().filter(own).map(|span| span.span_id).collect();
    let mut told = spans::saga::of(story, &Arc::new(spans::source()), clock::wall_ms());
    told.retain(|span| !known.contains(&span.span_id));
    for span in &mut told {
        let service = span.attributes.get("peer.service").unwrap_or_default();
        if span.attributes.get(spans::saga::RUNNING).is_some()
            && let Some(why) = unreachable.get(service)
        {
            spans::saga::held_back(span, why);
        }
    }
    stored.extend(told);
    stored
}

/// Services that nobody can reach now, and why.
async fn unreachable(app: &App) -> HashMap<String, String> {
    let down = app.engine.targets().await.into_iter().filter(|(_, target)| target.down_since_ms.is_some());
    let why =
        |name: &str| app.outbound.unreachable(name).unwrap_or_else(|| "it cannot be reached".to_owned());
    down.map(|(name, _)| (name.to_string(), why(&name))).collect()
}

/// The service at which a saga failed first, and when.
fn failing_service(story: &Story) -> Option<(String, u64)> {
    let failure = story.saga.failures().first()?;
    let service = story.blueprint.service(failure.step?, failure.half).to_string();
    let at_ms = story.events.last().map_or(0, |event| event.at_ms);
    Some((service, at_ms.saturating_mul(1_000_000)))
}

fn logs(
    telemetry: &Telemetry,
    trace_id: TraceId,
    failed: Option<(String, u64)>,
) -> Result<Vec<Log>, QueryError> {
    let is = |field, text: String| Filter::Term(Term { field, test: Test::Is(text) });
    let of_trace = is(Field::Trace, trace_id.to_string());
    let query = Query { filter: of_trace, window: Window::EVER, limit: LOGS_MAX, count: false };
    let mut found = telemetry.logs(&query)?.rows;
    if let Some((service, at_ns)) = failed {
        let (min, max) = (f64::from(Level::Warn.lowest()), f64::from(Level::Fatal.lowest() + 3));
        let bad = Filter::Term(Term { field: Field::Level, test: Test::Between { min, max } });
        let window =
            Window { from_ns: at_ns.saturating_sub(NEARBY_NS), to_ns: at_ns.saturating_add(NEARBY_NS) };
        let filter = Filter::And(vec![is(Field::Service, service.to_ascii_lowercase()), bad]);
        let near = telemetry.logs(&Query { filter, window, limit: NEARBY_MAX, count: false })?.rows;
        // Those of the trace are there already; those of other traces are other people's troubles.
        found.extend(near.into_iter().filter(|log| log.trace_id.is_none()));
    }
    found.sort_by_key(|log| log.time_ns);
    Ok(found)
}

/// Why nothing is known: the saga was dropped, or there never was anything of that id.
async fn unknown(app: &App, id: &str, away: Option<&str>) -> Answer<Problem> {
    if let Ok(saga) = SagaId::new(id) {
        let problem = missing(app, &saga).await?;
        if problem.code() == Code::SagaDropped {
            return Ok(problem);
        }
    }
    let detail = format!(
        "nothing is known of `{id}`: there is no saga, no trace and no request of that id{}",
        away.map_or_else(String::new, |why| format!("; {why}"))
    );
    Ok(Problem::new(Code::NotFound, detail))
}
