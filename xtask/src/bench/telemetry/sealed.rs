//! What the server's process has used, what lies on disk, and whether everything is in files.

use crate::clock::wait_for;
use crate::error::Error;
use crate::receiver::Receiver;
use std::path::Path;
use std::time::Duration;

/// A generation is sealed after ten minutes at the latest; with the time that the last takes.
const SEALED_MAX: Duration = Duration::from_mins(12);

/// CPU seconds of a process so far, user and system, all threads.
pub(super) fn cpu_seconds(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = |at: usize| fields.split_whitespace().nth(at).and_then(|field| field.parse::<f64>().ok());
    // USER_HZ is 100 on every Linux that Rust supports.
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}

/// The most that was ever resident of a process, in bytes.
pub(super) fn resident_max(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("");
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Waits until no record is only in a segment.
///
/// # Errors
/// If that does not come.
pub(super) fn wait(receiver: &Receiver) -> Result<(), Error> {
    let segments = || -> u64 {
        let folder = std::fs::read_dir(receiver.telemetry().join("wal")).into_iter().flatten().flatten();
        folder.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
    };
    let empty = || (segments() <= EMPTY_MAX).then_some(());
    wait_for(SEALED_MAX, empty).ok_or_else(|| {
        Error::Failed(format!("{} bytes are still in segments after {SEALED_MAX:?}", segments()))
    })
}

/// Segments that hold no record, one of each signal, are smaller than this.
const EMPTY_MAX: u64 = 4 << 10;

/// Bytes of a signal's files, side-cars included.
pub(super) fn bytes(receiver: &Receiver, signal: &str) -> u64 {
    fn sum(path: &Path) -> u64 {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        let one = |entry: std::fs::DirEntry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => sum(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        };
        entries.map(one).sum()
    }
    sum(&receiver.telemetry().join(signal))
}
