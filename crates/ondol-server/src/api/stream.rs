//! Server-Sent Events (WHATWG HTML §9.2): pages of events, and a heartbeat while there are none.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt as _};
use tokio::sync::OwnedSemaphorePermit;

/// Silence is broken this often, so that proxies and clients know that the stream is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Something to send: an id to go on from, and JSON.
pub(super) struct Item {
    pub(super) id: String,
    pub(super) data: String,
}

/// Where items come from.
pub(super) trait Source: Send + 'static {
    /// The next items, as soon as there are some; `None` ends the stream.
    fn next(&mut self) -> impl Future<Output = Option<Vec<Item>>> + Send;
}

/// Answers with everything the source has, as it comes. `place` is held as long as the stream is open.
pub(super) fn answer(source: impl Source, place: OwnedSemaphorePermit) -> Response {
    let heartbeat = KeepAlive::new().interval(HEARTBEAT).text("heartbeat");
    Sse::new(events(source, place)).keep_alive(heartbeat).into_response()
}

fn events(source: impl Source, place: OwnedSemaphorePermit) -> impl Stream<Item = Result<Event, Infallible>> {
    let pages = stream::unfold((source, place), |(mut source, place)| async move {
        let items = source.next().await?;
        Some((items, (source, place)))
    });
    pages.flat_map(stream::iter).map(|item| Ok(Event::default().id(item.id).data(item.data)))
}
