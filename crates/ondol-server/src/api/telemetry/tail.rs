//! Logs as they come.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::Uri;
use ondol_telemetry::Batch;
use ondol_telemetry::query::Filter;
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use utoipa::IntoParams;

use super::super::answer::params;
use super::super::stream::{self, Item, Source};
use super::ask::store;
use super::params::filter;
use crate::app::Shared;
use crate::problem::Answer;
use crate::wire::telemetry::log::{LogView, Tailed};

/// Which.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(in crate::api) struct Which {
    /// Words and fields, as for a search.
    q: Option<String>,
}

/// Logs as they come, as server-sent events: `{"log":{…}}`, or `{"missed":n}` where the reader is too slow.
///
/// It begins now: what was before is found by a search.
#[utoipa::path(
    get, path = "/v1/telemetry/logs/tail", tag = "telemetry", params(Which),
    responses(
        (status = 200, description = "A stream of records.", body = Tailed, content_type = "text/event-stream"),
        (status = 400, description = "`query_syntax`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn tail(State(app): State<Shared>, uri: Uri) -> Answer<Response> {
    let which: Which = params(&uri)?;
    let filter = filter(which.q.as_deref())?;
    let come = store(&app)?.tail();
    let place = app.guard.stream()?;
    Ok(stream::answer(Tail { app, filter, come, sent: 0 }, place))
}

struct Tail {
    app: Shared,
    filter: Filter,
    come: Receiver<Arc<Batch>>,
    /// Items so far, which are their ids.
    sent: u64,
}

impl Tail {
    fn item(&mut self, tailed: &Tailed) -> Item {
        self.sent += 1;
        let data = serde_json::to_string(tailed).expect("a record is plain data");
        Item { id: self.sent.to_string(), data }
    }
}

impl Source for Tail {
    async fn next(&mut self) -> Option<Vec<Item>> {
        loop {
            let come = self.app.stop.run_until_cancelled(self.come.recv()).await?;
            let items: Vec<Item> = match come {
                Ok(batch) if batch.is_missed() => vec![self.item(&Tailed::Missed(1))],
                Ok(batch) => {
                    let matching = batch.logs.iter().filter(|log| self.filter.holds_log(log));
                    let views: Vec<Tailed> =
                        matching.map(|log| Tailed::Log(Box::new(LogView::from(log)))).collect();
                    views.iter().map(|view| self.item(view)).collect()
                }
                Err(RecvError::Lagged(missed)) => vec![self.item(&Tailed::Missed(missed))],
                Err(RecvError::Closed) => return None,
            };
            if !items.is_empty() {
                return Some(items);
            }
        }
    }
}
