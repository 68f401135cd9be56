//! The follower: it tails the log with a cursor of its own and exports the spans of what ended.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ondol_core::{Event, Fact};
use ondol_engine::{Handle, ReadError, Registry, SagaId};
use ondol_store::journal;
use ondol_store::log::{Log, LogError, Position, Tailed};
use ondol_telemetry::model::{Source, Span};
use ondol_telemetry::{ExportError, Signal, Telemetry};
use tokio_util::sync::CancellationToken;

use super::saga::Fold;
use super::{Sightings, cursor::Cursor, otlp};
use crate::problem::chain;

/// Records read at once.
const PAGE: usize = 1_024;

/// Spans in one export: about a megabyte of OTLP.
const SPANS_AT_ONCE: usize = 2_048;

/// Sagas that go on whose spans are kept open, about a kilobyte each. Beyond it all are let go, and read back when their
/// next record comes.
const OPEN_MAX: usize = 16_384;

/// Between two looks at the log: a person who asks sees what the journal says at once; these are for searching.
const GATHER: Duration = Duration::from_millis(200);

/// Pause after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Why a page was not exported. All of it is tried again.
#[derive(Debug, thiserror::Error)]
enum FollowError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Export(#[from] ExportError),
}

/// Follows until `stop`, and then once more, for what ended meanwhile.
pub(crate) async fn follow(
    telemetry: Telemetry,
    engine: Handle,
    sightings: Arc<Sightings>,
    cursor: PathBuf,
    stop: CancellationToken,
) {
    let mut follower = Follower::new(telemetry, sightings, Cursor::open(cursor));
    let mut moved = engine.position();
    loop {
        let stopping = stop.is_cancelled();
        let pause = match follower.catch_up(&engine).await {
            Ok(()) => GATHER,
            // The log is away for a moment; the engine says why.
            Err(FollowError::Read(ReadError::Reopening)) => PAUSE,
            Err(FollowError::Export(
                ExportError::Busy { retry_after, .. } | ExportError::Disk { retry_after, .. },
            )) => retry_after.max(PAUSE),
            Err(error) => {
                tracing::warn!(error = %chain(&error), "spans cannot follow the log; trying again");
                PAUSE
            }
        };
        if stopping {
            return;
        }
        let news = async {
            tokio::time::sleep(pause).await;
            // The engine may be opening its log again, and then announces nothing.
            let _ = tokio::time::timeout(PAUSE, moved.changed()).await;
        };
        stop.run_until_cancelled(news).await;
    }
}

struct Follower {
    telemetry: Telemetry,
    sightings: Arc<Sightings>,
    cursor: Cursor,
    source: Arc<Source>,
    open: HashMap<SagaId, Open>,
    /// An export that was not taken yet, and where the cursor goes with it.
    unsent: Option<(Bytes, Position)>,
}

/// A saga that goes on, and how many of its records were taken.
struct Open {
    fold: Fold,
    records: u64,
}

impl Follower {
    fn new(telemetry: Telemetry, sightings: Arc<Sightings>, cursor: Cursor) -> Self {
        let (source, open) = (Arc::new(super::source()), HashMap::new());
        Self { telemetry, sightings, cursor, source, open, unsent: None }
    }

    async fn catch_up(&mut self, engine: &Handle) -> Result<(), FollowError> {
        let caught_up = self.follow_on(engine).await;
        if matches!(caught_up, Err(FollowError::Read(_) | FollowError::Log(_))) {
            // They are ahead of what is to be exported; the next try reads the journals back.
            self.open.clear();
        }
        caught_up
    }

    async fn follow_on(&mut self, engine: &Handle) -> Result<(), FollowError> {
        self.send().await?;
        let (mut position, mut spans) = (self.cursor.position(), Vec::new());
        loop {
            let log = engine.log()?;
            let page = match log.tail(position, PAGE).await {
                Ok(page) => page,
                // What is gone was dropped on purpose: begin with what is kept.
                Err(LogError::Gone { oldest }) => {
                    position = Position(oldest.0.saturating_sub(1));
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let at_end = page.is_empty();
            for tailed in page {
                position = tailed.position;
                self.take(&*log, &engine.definitions(), &tailed, &mut spans).await?;
                if spans.len() >= SPANS_AT_ONCE {
                    self.export(std::mem::take(&mut spans), position).await?;
                }
            }
            if at_end {
                return self.export(spans, position).await;
            }
        }
    }

    /// Takes one record in. Nothing is kept of a saga that ended.
    async fn take(
        &mut self,
        log: &dyn Log,
        registry: &Registry,
        tailed: &Tailed,
        spans: &mut Vec<Span>,
    ) -> Result<(), LogError> {
        let Some(id) = SagaId::of_stream(&tailed.stream) else { return Ok(()) };
        // A journal that cannot be read parks its saga, and the engine says so.
        let Ok(events) = journal::decode(&tailed.bytes) else { return Ok(()) };
        if let Some(mut open) = self.open.remove(&id).filter(|open| open.records >= tailed.seq) {
            if open.records == tailed.seq {
                open.records += 1;
                self.events(&mut open.fold, &events, Some(spans));
            }
            self.keep(id, open);
            return Ok(());
        }
        // Notices are delivered after the end, and are no part of any span.
        if events.iter().all(|event| matches!(event.fact, Fact::Noticed { .. })) {
            return Ok(());
        }
        let before = if tailed.seq == 0 { Vec::new() } else { log.read(&tailed.stream, 0).await? };
        let earlier = before.iter().take_while(|record| record.seq < tailed.seq);
        let mut batches: Vec<Vec<Event>> = Vec::with_capacity(before.len().min(PAGE));
        for record in earlier {
            let Ok(events) = journal::decode(&record.bytes) else { return Ok(()) };
            batches.push(events);
        }
        batches.push(events);
        if let Some(open) = self.begin(registry, &id, tailed.seq, &batches, spans) {
            self.keep(id, open);
        }
        Ok(())
    }

    /// Folds the batches of a saga; only of the last one the spans are new.
    fn begin(
        &self,
        registry: &Registry,
        id: &SagaId,
        seq: u64,
        batches: &[Vec<Event>],
        spans: &mut Vec<Span>,
    ) -> Option<Open> {
        let first = batches.first()?.first()?;
        let Fact::Submitted(submission) = &first.fact else { return None };
        let blueprint = registry.find(&submission.definition, Some(submission.version))?;
        let mut fold = Fold::new(id, submission, (blueprint, &self.source), first.at_ms);
        let (last, earlier) = batches.split_last()?;
        for events in earlier {
            self.events(&mut fold, events, None);
        }
        self.events(&mut fold, last, Some(spans));
        Some(Open { fold, records: seq + 1 })
    }

    fn events(&self, fold: &mut Fold, events: &[Event], spans: Option<&mut Vec<Span>>) {
        let mut known = Vec::new();
        let new = spans.is_some();
        let spans = spans.unwrap_or(&mut known);
        for event in events {
            let seen = match &event.fact {
                Fact::Finished { attempt, .. } if new => self.sightings.take(fold.run(), *attempt),
                _ => None,
            };
            fold.take(event, seen.as_ref(), spans);
        }
    }

    fn keep(&mut self, id: SagaId, open: Open) {
        if open.fold.ended() {
            return;
        }
        if self.open.len() >= OPEN_MAX {
            self.open.clear();
        }
        self.open.insert(id, open);
    }

    async fn export(&mut self, spans: Vec<Span>, position: Position) -> Result<(), FollowError> {
        let bytes = if spans.is_empty() { Bytes::new() } else { otlp::traces(&self.source, spans) };
        self.unsent = Some((bytes, position));
        self.send().await
    }

    /// Exports what waits for that, and then moves the cursor.
    async fn send(&mut self) -> Result<(), FollowError> {
        let Some((bytes, position)) = self.unsent.clone() else { return Ok(()) };
        if !bytes.is_empty() {
            match self.telemetry.export(Signal::Traces, bytes).await {
                Ok(exported) if exported.rejected > 0 => {
                    tracing::debug!(exported.rejected, exported.message, "spans of sagas were not taken");
                }
                Ok(_) => {}
                Err(error @ ExportError::Malformed { .. }) => {
                    tracing::error!(%error, "spans of sagas are lost");
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.unsent = None;
        if position > self.cursor.position()
            && let Err(error) = self.cursor.advance(position)
        {
            tracing::debug!(%error, "the cursor of spans was not written");
        }
        Ok(())
    }
}
