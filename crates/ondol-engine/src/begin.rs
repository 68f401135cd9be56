//! How a life of the runner begins: the log is opened and read. Not a way of its own to continue a saga.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use ondol_spec::Secrets;
use ondol_store::log::{Log, StreamId};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::error::{EngineError, chain};
use crate::handle::{Health, Shared, Windows};
use crate::id::SagaId;
use crate::options::Options;
use crate::registry::Registry;
use crate::runner::{Message, Reading, Runner};
use crate::service::OpenLog;

/// Open streams read at once while starting.
const RECOVER_PAGE: usize = 4_096;

/// Pause before the log is opened again, in milliseconds. A disk that fails is not helped by haste.
const REOPEN_PAUSE_MS: u64 = 500;

/// What a runner begins with, besides what the log holds.
pub(crate) struct Setup {
    pub(crate) options: Options,
    pub(crate) shared: Arc<Shared>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) live: (Arc<Secrets>, Windows),
}

/// Opens the log again and reads it, as often as it takes; nothing accepted is given up because a disk is ill.
pub(crate) async fn begin_again(
    open: &OpenLog,
    setup: Setup,
    stop: &CancellationToken,
) -> Result<Option<(Arc<dyn Log>, Runner)>, EngineError> {
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(None),
            () = tokio::time::sleep(Duration::from_millis(REOPEN_PAUSE_MS)) => {}
        }
        let ill = match open().await {
            Ok(log) => {
                setup.shared.stats.reopened();
                match recover(&setup, &*log).await {
                    Ok(runner) => return Ok(Some((log, runner))),
                    Err(EngineError::Recover(error)) => error,
                    Err(error) => return Err(error),
                }
            }
            Err(error) => error,
        };
        tracing::error!(error = %chain(&ill), "the store cannot be opened yet");
        setup.shared.health.send_replace(Health::Reopening(chain(&ill)));
    }
}

/// Does `work` while there is no runner. Who asks something meanwhile is told at once that it is unknown what comes of it,
/// instead of waiting for as long as a disk is ill.
pub(crate) async fn turning_away<T>(inbox: &mut mpsc::Receiver<Message>, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            Some(message) = inbox.recv() => drop(message),
        }
    }
}

/// Reads what is open. Not a way of its own to continue a saga: it only finds out which to look at, and when.
pub(crate) async fn recover(setup: &Setup, log: &dyn Log) -> Result<Runner, EngineError> {
    let mut registry = Registry::default();
    let mut sagas = Vec::new();
    let mut after: Option<StreamId> = None;
    loop {
        let page = log.open_streams(after.as_ref(), RECOVER_PAGE).await.map_err(EngineError::Recover)?;
        let Some(last) = page.last() else { break };
        after = Some(last.stream.clone());
        for open in page {
            if let Some(name) = Registry::name_of(&open.stream) {
                for record in log.read(&open.stream, 0).await.map_err(EngineError::Recover)? {
                    registry.load(name, record.seq, &record.bytes)?;
                }
            } else if let Some(id) = SagaId::of_stream(&open.stream) {
                sagas.push((id, open.hint));
            }
        }
    }
    let Setup { options, shared, clock, live } = setup;
    let mut runner = Runner::new(*options, Arc::clone(&shared.stats), live.clone(), registry, read(&**clock));
    for (id, hint) in sagas {
        runner.recover(id, hint);
    }
    Ok(runner)
}

pub(crate) fn read(clock: &dyn Clock) -> Reading {
    Reading { wall_ms: clock.wall_ms(), mono_ms: clock.mono_ms() }
}
