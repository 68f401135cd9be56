//! Ondol's own telemetry: spans of its sagas and calls, in the same traces as the services' own, and its log.
//!
//! ```text
//! journal ─► follow (a cursor of its own) ─► saga (pure) ─┐
//! proxied call ─► calls (bounded queue) ──────────────────┼─► otlp ─► Telemetry::export
//! tracing, WARN and above ─► logs (bounded queue) ────────┘
//! ```
//!
//! A saga's spans are a function of its journal, and their ids of its run: after a crash the same spans come again,
//! and the store knows them by their ids. Their times may then be coarser: what was sighted of an attempt is gone, and the
//! journal has milliseconds; the span that came first stays. A span is exported when it has ended; what goes on still is shown by [`saga::of`], which
//! is why a transaction that stands still is seen while it does.

mod calls;
mod cursor;
mod export;
mod follow;
mod logs;
mod otlp;
pub(crate) mod reason;
pub(crate) mod saga;
mod seen;

pub(crate) use calls::{Begun, CallSpans};
pub use logs::{OwnLines, OwnLog, own_log};
pub(crate) use seen::{Seen, Sightings};

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ondol_engine::Handle;
use ondol_telemetry::model::{Attributes, Source};
use ondol_telemetry::{Signal, Telemetry};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::serve::Options;
use crate::telemetry::Store;

/// Ondol's name among the services.
pub(crate) const SERVICE: &str = "ondol";

/// Who writes Ondol's own records. One name for every start, so that a span that comes again is the same one.
pub(crate) fn source() -> Source {
    let resource = [("service.version", env!("CARGO_PKG_VERSION")), ("telemetry.sdk.name", "ondol")];
    let resource = resource.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Source {
        service: SERVICE.to_owned(),
        instance: SERVICE.to_owned(),
        resource: Arc::new(Attributes::from_pairs(resource.to_vec())),
    }
}

/// How far the spans of sagas have followed the log, inside the data directory.
const CURSOR: &str = "spans.cursor";

/// What Ondol's own telemetry is made of.
pub(crate) struct Made {
    /// None where it cannot be kept.
    telemetry: Option<Telemetry>,
    engine: Handle,
    sightings: Arc<Sightings>,
    cursor: PathBuf,
    lines: Option<OwnLines>,
}

impl Made {
    pub(crate) fn new(store: &Store, engine: &Handle, sightings: Arc<Sightings>, options: &Options) -> Self {
        Self {
            telemetry: store.open().ok().cloned(),
            engine: engine.clone(),
            sightings,
            cursor: options.data.join(CURSOR),
            lines: options.own_lines.clone(),
        }
    }
}

/// Records of Ondol's own that were not kept, for want of room: of what, and how many.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dropped(Vec<(&'static str, Arc<AtomicU64>)>);

impl Dropped {
    /// Of what, and how many.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.0.iter().map(|(what, count)| (*what, count.load(std::sync::atomic::Ordering::Relaxed)))
    }
}

/// Starts to make it. Given back: where the proxy puts its calls; when all of these are gone, that part ends.
pub(crate) fn start(
    made: Made,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> (Option<CallSpans>, Dropped) {
    let Made { telemetry, engine, sightings, cursor, lines } = made;
    let Some(telemetry) = telemetry else {
        sightings.close();
        return (None, Dropped::default());
    };
    let (calls, ended) = calls::queue();
    let mut dropped = vec![
        ("attempts", sightings.missed()),
        ("calls", calls.dropped()),
        ("calls_sampled_out", calls.sampled_out()),
    ];
    let source = Arc::new(source());
    let own = Arc::clone(&source);
    let encode = move |ended: Vec<calls::Ended>| {
        otlp::traces(&own, ended.into_iter().map(|ended| calls::span(ended, &own)).collect())
    };
    tasks.spawn(export::export(telemetry.clone(), Signal::Traces, ended, encode, CancellationToken::new()));
    if let Some(lines) = lines
        && let Some(queue) = lines.take()
    {
        dropped.push(("log", lines.dropped()));
        let (placed, records) = logs::placed();
        tasks.spawn(logs::place(queue, engine.clone(), Arc::clone(&source), placed, stop.clone()));
        let encode = move |records| otlp::logs(&source, records);
        tasks.spawn(export::export(telemetry.clone(), Signal::Logs, records, encode, stop.clone()));
    }
    tasks.spawn(follow::follow(telemetry, engine, sightings, cursor, stop.clone()));
    (Some(calls), Dropped(dropped))
}
