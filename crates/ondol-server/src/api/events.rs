//! Events: of one saga, and of all.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri, header};
use ondol_engine::SagaId;
use ondol_store::log::{LogError, Position};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use utoipa::{IntoParams, ToSchema};

use super::answer::{Path, json, params, story, wants_stream};
use super::cursor::Feed as Cursor;
use super::feed::{Feed, FeedEvent, Line};
use super::stream::{self, Item, Source};
use crate::app::Shared;
use crate::problem::{Answer, Code, Problem};
use crate::wire::event::Event;

/// Events gathered before a stream looks again, so that a busy log is read in pages.
const GATHER: Duration = Duration::from_millis(50);

/// Pause after the log could not be read.
const AGAIN: Duration = Duration::from_secs(1);

/// Pages of the log read for one page of JSON that found nothing.
const EMPTY_PAGES_MAX: usize = 16;

/// Where to begin.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct After {
    /// Events behind this one: a `seq` for one saga, a `cursor` for all. `Last-Event-ID` says the same.
    after: Option<String>,
}

/// The events of a saga.
#[derive(Serialize, ToSchema)]
pub(super) struct EventList<'a> {
    events: Vec<Event<'a>>,
}

/// A page of the events of all sagas.
#[derive(Serialize, ToSchema)]
pub(super) struct Feeding<'a> {
    events: Vec<FeedEvent<'a>>,
    /// Go on behind this.
    next_cursor: String,
}

/// The journal of a saga.
///
/// With `Accept: text/event-stream` it goes on as events come, until the saga has ended and owes nothing.
#[utoipa::path(
    get, path = "/v1/sagas/{id}/events", tag = "events",
    params(
        ("id" = String, Path, description = "The saga's id."), After,
        ("Last-Event-ID" = Option<String>, Header, description = "Events behind the one of this number."),
    ),
    responses(
        (status = 200, description = "The events; or a stream of them.", body = EventList),
        (status = 404, description = "`saga_not_found`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn of_saga(
    State(app): State<Shared>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer<Response> {
    let bad = || Problem::new(Code::BadRequest, "`after` is no number of an event");
    let after: u64 = after(&uri, &headers)?.map_or(Ok(0), |text| text.parse().map_err(|_| bad()))?;
    let story = story(&app, &id).await?;
    if wants_stream(&headers) {
        let place = app.guard.stream()?;
        let moved = app.engine.position();
        let source =
            OneSaga { app, id: story.id.clone(), after, records: 0, moved, first: true, over: false };
        return Ok(stream::answer(source, place));
    }
    let plan = story.saga.plan();
    let events = story.events.iter().zip(1..).skip_while(|(_, seq)| *seq <= after);
    let events = events.map(|(event, seq)| Event::new(plan, seq, event)).collect();
    Ok(json(StatusCode::OK, &EventList { events }))
}

/// The events of all sagas.
///
/// Gap-free, in the order in which they became durable. With `Accept: text/event-stream` it goes on as events come.
#[utoipa::path(
    get, path = "/v1/events", tag = "events",
    params(After, ("Last-Event-ID" = Option<String>, Header, description = "Events behind the one with this cursor.")),
    responses(
        (status = 200, description = "A page; or a stream of events.", body = Feeding),
        (status = 410, description = "`cursor_gone`: the events behind the cursor were dropped; `oldest` is the first that works.", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn all(State(app): State<Shared>, uri: Uri, headers: HeaderMap) -> Answer<Response> {
    let bad = || Problem::new(Code::BadRequest, "`after` is no cursor; give one of an event, or 0");
    let after = after(&uri, &headers)?.map(|text| Cursor::parse(&text).ok_or_else(bad)).transpose()?;
    let mut feed = Feed::default();
    let first = match page(&app, &mut feed, after.unwrap_or(Cursor::START)).await {
        // Whoever did not say where to begin begins with what is kept.
        Err(problem) if after.is_none() && problem.code() == Code::CursorGone => {
            page(&app, &mut feed, oldest(&problem)).await?
        }
        page => page?,
    };
    if wants_stream(&headers) {
        let place = app.guard.stream()?;
        let moved = app.engine.position();
        return Ok(stream::answer(AllSagas { app, feed, moved, pending: Some(first) }, place));
    }
    let (mut lines, mut next) = first;
    for _ in 0..EMPTY_PAGES_MAX {
        if !lines.is_empty() {
            break;
        }
        let (more, then) = page(&app, &mut feed, next).await?;
        if then == next {
            break;
        }
        (lines, next) = (more, then);
    }
    let events: Vec<String> = lines.into_iter().map(|line| line.json).collect();
    let body = format!(r#"{{"events":[{}],"next_cursor":"{}"}}"#, events.join(","), next.text());
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// One page, and where it ends; at the end of the log that is where it began.
async fn page(app: &Shared, feed: &mut Feed, after: Cursor) -> Answer<(Vec<Line>, Cursor)> {
    let log = app.engine.log()?;
    let page = feed.page(&*log, &app.engine.definitions(), after).await;
    // Asked after reading: what is dropped is announced before it is gone.
    let late = || {
        let detail = "how far events were dropped is not known yet after the start; try again in a second";
        Problem::new(Code::NotReady, detail).again_after(1)
    };
    let whole_behind = app.dropped.whole_behind().await.ok_or_else(late)?;
    let oldest = Position(whole_behind.0 + 1);
    match page {
        _ if after.tail_after() < whole_behind => Err(LogError::Gone { oldest }.into()),
        Err(LogError::Gone { oldest: kept }) => Err(LogError::Gone { oldest: oldest.max(kept) }.into()),
        page => Ok(page?.unwrap_or((Vec::new(), after))),
    }
}

fn oldest(gone: &Problem) -> Cursor {
    gone.member("oldest").and_then(|oldest| Cursor::parse(oldest.as_str()?)).unwrap_or(Cursor::START)
}

fn after(uri: &Uri, headers: &HeaderMap) -> Answer<Option<String>> {
    let given = params::<After>(uri)?.after;
    // A browser that connects again sends where it was; that is later than where it began.
    let Some(last) = headers.get("last-event-id") else { return Ok(given) };
    let unreadable =
        |_| Problem::new(Code::BadRequest, "the header Last-Event-ID has characters that no cursor has");
    Ok(Some(last.to_str().map_err(unreadable)?.to_owned()))
}

struct OneSaga {
    app: Shared,
    id: SagaId,
    after: u64,
    /// Records of its stream that were looked at.
    records: u64,
    moved: watch::Receiver<Position>,
    first: bool,
    /// Nothing more will come.
    over: bool,
}

impl OneSaga {
    /// What is new; `None` where nothing more will come.
    async fn look(&mut self) -> Option<Vec<Item>> {
        // Mostly others have moved, which is cheap to see.
        let new = match self.app.engine.log() {
            Ok(log) => log.read(&self.id.stream(), self.records).await.map_or(0, |new| new.len()),
            Err(_) => 0,
        };
        if new == 0 && self.records > 0 {
            return Some(Vec::new());
        }
        self.records += new as u64;
        // A saga that is dropped while it is watched ends its stream.
        let story = match self.app.engine.read(&self.id).await {
            Ok(story) => story?,
            Err(_) => return Some(Vec::new()),
        };
        let plan = story.saga.plan();
        let new = story.events.iter().zip(1..).skip_while(|(_, seq)| *seq <= self.after);
        let items: Vec<Item> = new
            .map(|(event, seq)| {
                let event = Event::new(plan, seq, event);
                Item {
                    id: seq.to_string(),
                    data: serde_json::to_string(&event).expect("an event is plain data"),
                }
            })
            .collect();
        self.after = self.after.max(story.saga.seq());
        self.over = story.saga.phase().ended() && story.saga.wanted().is_empty();
        Some(items)
    }
}

impl Source for OneSaga {
    async fn next(&mut self) -> Option<Vec<Item>> {
        loop {
            if self.over || (!std::mem::take(&mut self.first) && !wait(&self.app, &mut self.moved).await) {
                return None;
            }
            let items = self.look().await?;
            if !items.is_empty() {
                return Some(items);
            }
        }
    }
}

struct AllSagas {
    app: Shared,
    feed: Feed,
    moved: watch::Receiver<Position>,
    /// What was read and is not sent, and where to go on.
    pending: Option<(Vec<Line>, Cursor)>,
}

impl Source for AllSagas {
    async fn next(&mut self) -> Option<Vec<Item>> {
        loop {
            let (lines, next) = self.pending.take()?;
            if !lines.is_empty() {
                self.pending = Some((Vec::new(), next));
                return Some(
                    lines.into_iter().map(|line| Item { id: line.cursor, data: line.json }).collect(),
                );
            }
            let read = page(&self.app, &mut self.feed, next).await;
            self.pending = Some(match read {
                Ok((lines, then)) if lines.is_empty() && then == next => {
                    if !wait(&self.app, &mut self.moved).await {
                        return None;
                    }
                    (lines, next)
                }
                Ok(page) => page,
                // The client comes again with its cursor and is told that it is gone.
                Err(problem) if problem.code() == Code::CursorGone => return None,
                Err(_) => {
                    self.app.stop.run_until_cancelled(tokio::time::sleep(AGAIN)).await?;
                    (Vec::new(), next)
                }
            });
        }
    }
}

/// Waits until the log has moved. False where the server goes down.
async fn wait(app: &Shared, moved: &mut watch::Receiver<Position>) -> bool {
    let news = async {
        if moved.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(GATHER).await;
    };
    app.stop.run_until_cancelled(news).await.is_some()
}
