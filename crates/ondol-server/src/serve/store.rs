//! Opening the log, and whether it still has all that it once had.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ondol_engine::OpenLog;
use ondol_store::log::{FjallLog, FjallOpened, FjallOptions, Log, LogError, Position};

use super::ServeError;

/// Opens the log; opening blocks while the store recovers.
pub(super) async fn open(directory: PathBuf) -> Result<(Arc<dyn Log>, FjallOpened), LogError> {
    let opened =
        tokio::task::spawn_blocking(move || FjallLog::open(&directory, FjallOptions::default())).await;
    let log = opened.unwrap_or(Err(LogError::Poisoned))?;
    let found = log.opened().clone();
    if let Some(kept) = &found.torn {
        tracing::warn!(
            last = %found.last, kept = %kept.display(),
            "the journal ended in a write that was never finished; it was cut off and is kept"
        );
    }
    Ok((Arc::new(log), found))
}

/// The view follows only what is durable. A log that ends before it has lost something that others had been told.
pub(super) fn check(data: &Path, found: &FjallOpened, followed: Position) -> Result<(), ServeError> {
    if followed <= found.last {
        return Ok(());
    }
    Err(ServeError::LogBehind { data: data.to_owned(), last: found.last, followed })
}

/// Gives the engine the log that was opened first, and opens it again when the engine asks once more.
pub(super) fn opener(directory: PathBuf, first: Arc<dyn Log>) -> OpenLog {
    let first = Mutex::new(Some(first));
    Box::new(move || {
        let opened = first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let directory = directory.clone();
        Box::pin(async move {
            match opened {
                Some(log) => Ok(log),
                None => open(directory).await.map(|(log, _)| log),
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_ends_before_its_view_has_lost_something() {
        for (last, followed, fine) in [(0, 0, true), (7, 0, true), (7, 7, true), (7, 8, false), (0, 1, false)]
        {
            let found = FjallOpened { last: Position(last), torn: None };
            let checked = check(Path::new("data"), &found, Position(followed));
            assert_eq!(checked.is_ok(), fine, "{last} and {followed}");
            if let Err(error) = checked {
                insta::assert_snapshot!(error);
            }
        }
    }
}
