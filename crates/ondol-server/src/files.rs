//! Log files of the system file's `logs`: read as they grow, and exported like what services send.
//!
//! What is wanted is asked of the live system in each turn, so a reload holds at once. While the store has no room nothing
//! is read: the lines wait where they are.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::join_all;
use ondol_spec::LogFiles;
use ondol_spec::model::Begin;
use ondol_telemetry::files::{Export, Files, Id, Now, Wanted};
use ondol_telemetry::{ExportError, Signal, Telemetry};
use tokio_util::sync::CancellationToken;

use crate::app::Shared;
use crate::system::{Live, Origin};
use crate::{clock, telemetry};

/// Between two turns without anything new: what a program writes is found within half a second.
const PAUSE: Duration = Duration::from_millis(500);

/// Follows until `stop`. What was read and is not durable then is read again at the next start.
pub(crate) async fn follow(app: Shared, data: PathBuf, stop: CancellationToken) {
    // Where it cannot be kept, lines stay where they are; that was said already.
    let Ok(store) = app.telemetry.open() else { return };
    let path = telemetry::offsets(&data);
    let (began, mut files) = (clock::now(), Some(open(path.clone())));
    while !stop.is_cancelled() {
        let wanted = wanted(&app.systems.live());
        let mono = clock::now().duration_since(began);
        let now =
            Now { wall_ns: clock::wall_ns(), mono_ns: u64::try_from(mono.as_nanos()).unwrap_or(u64::MAX) };
        let mut turned = files.take().unwrap_or_else(|| open(path.clone()));
        let turn = tokio::task::spawn_blocking(move || {
            let exports = turned.read(&wanted, now);
            (turned, exports)
        });
        let Ok((mut turned, exports)) = turn.await else {
            tracing::error!("reading log files failed, which is a bug in Ondol; they are opened again");
            stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
            continue;
        };
        let idle = exports.is_empty();
        let sent = join_all(exports.iter().map(|export| keep(store, export, &stop))).await;
        sent.into_iter().flatten().for_each(|of| turned.kept(of));
        files = Some(turned);
        if idle {
            stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
        }
    }
    if let Some(mut files) = files {
        // Not written, the last lines are sent again at the next start, and the store knows them.
        let _ = tokio::task::spawn_blocking(move || files.write()).await;
    }
}

fn open(path: PathBuf) -> Files {
    Files::open(path, clock::zone_s())
}

/// Exports until it is durable; `None` if it is not when everything stops.
async fn keep(store: &Telemetry, export: &Export, stop: &CancellationToken) -> Option<Id> {
    loop {
        let pause = match store.export(Signal::Logs, export.body.clone()).await {
            Ok(exported) => {
                if exported.rejected > 0 {
                    tracing::debug!(
                        export.path,
                        exported.rejected,
                        exported.message,
                        "lines of a log file were not taken"
                    );
                }
                return Some(export.of);
            }
            Err(ExportError::Busy { retry_after, .. } | ExportError::Disk { retry_after, .. }) => {
                retry_after.max(PAUSE)
            }
            Err(error) => {
                tracing::error!(export.path, %error, "lines of a log file are lost");
                return Some(export.of);
            }
        };
        stop.run_until_cancelled(tokio::time::sleep(pause)).await?;
    }
}

/// What the live system names. A relative pattern begins at the folder of the file that it stands in; of a file that was
/// sent to the API nobody knows the folder, and it begins at the server's own.
fn wanted(live: &Live) -> Vec<Wanted> {
    let folder = match &live.origin {
        Origin::Config(path) => path.parent(),
        Origin::Empty | Origin::Put => None,
    };
    live.system.logs.iter().map(|files| one(files, folder)).collect()
}

fn one(files: &LogFiles, folder: Option<&Path>) -> Wanted {
    // The folder is no pattern, whatever its name is.
    let folder = folder.and_then(Path::to_str).filter(|folder| !folder.is_empty());
    let pattern = match folder {
        Some(folder) if !files.files.starts_with('/') => {
            format!("{}/{}", glob::Pattern::escape(folder), files.files)
        }
        _ => files.files.clone(),
    };
    Wanted {
        pattern,
        service: files.service.clone(),
        instance: files.instance.clone(),
        from_start: files.from == Begin::Start,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_pattern_begins_at_the_file() {
        #[rustfmt::skip]
        let table = [
            ("/var/log/*.log", Some("/etc/ondol"), "/var/log/*.log"),
            ("logs/*.log",     Some("/etc/ondol"), "/etc/ondol/logs/*.log"),
            ("logs/*.log",     Some("/etc/[a]"),   "/etc/[[]a[]]/logs/*.log"),
            ("logs/*.log",     Some(""),           "logs/*.log"),
            ("logs/*.log",     None,               "logs/*.log"),
        ];
        for (files, folder, expected) in table {
            let entry = LogFiles {
                files: files.to_owned(),
                service: "pay".to_owned(),
                instance: None,
                from: Begin::End,
            };
            assert_eq!(one(&entry, folder.map(Path::new)).pattern, expected);
        }
    }
}
