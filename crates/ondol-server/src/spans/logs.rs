//! Ondol's own log lines as log records, so that a trace shows what Ondol itself had to say of it.
//!
//! What is written while records are exported is not taken: a store that complains must not feed itself.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use ondol_engine::{Handle, SagaId};
use ondol_telemetry::model::{Attributes, Level, Log, Source, SpanId, TraceId};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use crate::clock;
use crate::outbound::trace;

/// Lines that wait to be exported. A server that has more to complain of than this in a moment says the same thing.
const QUEUE: usize = 1_024;

/// Bytes of one field or message.
const TEXT_MAX: usize = 4_096;

/// Fields of one line.
const FIELDS_MAX: usize = 32;

/// The attribute by which a line says that it is about a saga.
const SAGA: &str = "ondol.saga.id";

/// Who writes lines about telemetry itself.
const OWN: [&str; 2] = ["ondol_telemetry", "ondol_server::spans"];

/// A line as it was written.
#[derive(Debug)]
pub(super) struct Line {
    time_ns: u64,
    level: Level,
    target: &'static str,
    message: String,
    fields: Vec<(String, String)>,
}

/// A layer for whoever sets up `tracing`, which hands lines of WARN and above to the server.
#[derive(Debug)]
pub struct OwnLog {
    queue: mpsc::Sender<Line>,
    dropped: Arc<AtomicU64>,
}

/// Where the server takes them from. The first server that runs gets them all.
#[derive(Clone, Debug)]
pub struct OwnLines {
    lines: Arc<Mutex<Option<mpsc::Receiver<Line>>>>,
    dropped: Arc<AtomicU64>,
}

/// The layer, and what to put into [`crate::Options::own_lines`].
#[must_use]
pub fn own_log() -> (OwnLog, OwnLines) {
    let (queue, lines) = mpsc::channel(QUEUE);
    let dropped = Arc::<AtomicU64>::default();
    let own = OwnLines { lines: Arc::new(Mutex::new(Some(lines))), dropped: Arc::clone(&dropped) };
    (OwnLog { queue, dropped }, own)
}

impl OwnLines {
    pub(super) fn take(&self) -> Option<mpsc::Receiver<Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Lines that were not taken, for want of room.
    pub(super) fn dropped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.dropped)
    }
}

impl<S: Subscriber> Layer<S> for OwnLog {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let level = match *metadata.level() {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warn,
            tracing::Level::INFO | tracing::Level::DEBUG | tracing::Level::TRACE => return,
        };
        if OWN.iter().any(|own| metadata.target().starts_with(own)) || self.queue.is_closed() {
            return;
        }
        let mut said = Said::default();
        event.record(&mut said);
        let line = Line {
            time_ns: clock::wall_ns(),
            level,
            target: metadata.target(),
            message: said.message,
            fields: said.fields,
        };
        if self.queue.try_send(line).is_err() {
            self.dropped.fetch_add(1, Relaxed);
        }
    }
}

/// What an event says.
#[derive(Default)]
struct Said {
    message: String,
    fields: Vec<(String, String)>,
}

impl Said {
    fn put(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let mut text = String::new();
        // A text takes everything.
        let _ = text.write_fmt(value);
        text.truncate(text.floor_char_boundary(TEXT_MAX));
        if field.name() == "message" {
            self.message = text;
        } else if self.fields.len() < FIELDS_MAX {
            // The names that sagas have everywhere else.
            let name = match field.name() {
                "saga" => SAGA,
                "service" => "peer.service",
                other => other,
            };
            self.fields.push((name.to_owned(), text));
        }
    }
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format_args!("{value:?}"));
    }
}

/// Where lines go once they have a place in a trace.
pub(super) fn placed() -> (mpsc::Sender<Log>, mpsc::Receiver<Log>) {
    mpsc::channel(QUEUE)
}

/// Puts each line that is about a saga into the saga's trace, until `stop`.
pub(super) async fn place(
    mut lines: mpsc::Receiver<Line>,
    engine: Handle,
    source: Arc<Source>,
    placed: mpsc::Sender<Log>,
    stop: CancellationToken,
) {
    while let Some(Some(line)) = stop.run_until_cancelled(lines.recv()).await {
        let mut log = log(line, &source);
        let id = log.attributes.get(SAGA).and_then(|id| SagaId::new(id).ok());
        if let Some(id) = id
            && let Ok(Some(story)) = engine.read(&id).await
            && let Some(submission) = story.saga.submission()
        {
            let (run, given) = (submission.run, submission.trace);
            log.trace_id = Some(TraceId(trace::trace_id(run, given).to_be_bytes()));
            log.span_id = Some(SpanId(trace::saga_span(run).to_be_bytes()));
        }
        if placed.send(log).await.is_err() {
            return;
        }
    }
}

/// The record of a line.
fn log(line: Line, source: &Source) -> Log {
    Log {
        time_ns: line.time_ns,
        trace_id: None,
        span_id: None,
        severity: line.level.lowest(),
        source: source.clone(),
        scope: line.target.to_owned(),
        body: line.message,
        attributes: Attributes::from_pairs(line.fields),
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[test]
    fn lines_of_warn_and_above_are_taken_but_not_those_about_telemetry() {
        let (layer, own) = own_log();
        let mut lines = own.take().expect("the first one gets them");
        assert!(own.take().is_none());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!(target: "ondol_engine", "not worth it");
            tracing::warn!(target: "ondol_engine", saga = "b-1", service = %"flight", left = 3, "it is away");
            tracing::error!(target: "ondol_telemetry::store", "the disk is full");
            tracing::error!(target: "ondol_server::spans::follow", "cannot follow");
        });
        let line = lines.try_recv().expect("one line");
        assert!(lines.try_recv().is_err(), "and no more");
        let log = log(line, &super::super::source());
        assert_eq!((log.body.as_str(), log.level()), ("it is away", Level::Warn));
        let pairs = [("left", "3"), ("ondol.saga.id", "b-1"), ("peer.service", "flight")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(log.attributes, Attributes(pairs.to_vec()));
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let (layer, own) = own_log();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            for _ in 0..QUEUE + 2 {
                tracing::warn!(target: "ondol_engine", "again");
            }
        });
        assert_eq!(own.dropped().load(Relaxed), 2);
    }
}
