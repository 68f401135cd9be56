//! What waits in the queues of calls and of Ondol's own log is exported, a batch at a time.

use std::time::Duration;

use bytes::Bytes;
use ondol_telemetry::{ExportError, Signal, Telemetry};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Records in one export.
const AT_ONCE: usize = 1_024;

/// Records gather this long, so that many share one write.
const GATHER: Duration = Duration::from_millis(200);

/// Longest wait for a store that has no room; what comes meanwhile waits in the queue, or is counted as dropped.
const PATIENCE: Duration = Duration::from_secs(5);

/// Exports until `stop`, and then what is left.
pub(super) async fn export<T: Send>(
    telemetry: Telemetry,
    signal: Signal,
    mut queue: mpsc::Receiver<T>,
    encode: impl Fn(Vec<T>) -> Bytes + Send,
    stop: CancellationToken,
) {
    let mut batch = Vec::with_capacity(AT_ONCE);
    loop {
        let came = stop.run_until_cancelled(queue.recv_many(&mut batch, AT_ONCE)).await;
        if came == Some(0) {
            return;
        }
        stop.run_until_cancelled(tokio::time::sleep(GATHER)).await;
        while batch.len() < AT_ONCE
            && let Ok(one) = queue.try_recv()
        {
            batch.push(one);
        }
        if !batch.is_empty() {
            send(&telemetry, signal, encode(std::mem::take(&mut batch)), &stop).await;
        }
        if stop.is_cancelled() && queue.is_empty() {
            return;
        }
    }
}

async fn send(telemetry: &Telemetry, signal: Signal, bytes: Bytes, stop: &CancellationToken) {
    loop {
        match telemetry.export(signal, bytes.clone()).await {
            Ok(_) => return,
            Err(error @ ExportError::Malformed { .. }) => {
                tracing::error!(%error, "telemetry of Ondol's own is lost");
                return;
            }
            Err(ExportError::Busy { retry_after, .. } | ExportError::Disk { retry_after, .. }) => {
                let pause = retry_after.min(PATIENCE);
                if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                    return;
                }
            }
            Err(error) => {
                tracing::debug!(%error, "telemetry of Ondol's own is lost");
                return;
            }
        }
    }
}
