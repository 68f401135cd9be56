//! What the server's process has used, what lies on disk, and whether everything is in files.

use crate::error::Error;
use crate::receiver::Receiver;
use std::path::Path;
use std::time::Duration;

/// Time for the last generations to be put into files.
const SEALED_MAX: Duration = Duration::from_mins(2);

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

/// Has all that is in memory made files of.
///
/// # Errors
/// If that does not come.
pub(super) fn wait(receiver: &Receiver) -> Result<(), Error> {
    let answer = receiver.api().patient(SEALED_MAX).send("POST", "/v1/telemetry/flush", &[], None);
    match answer {
        Ok(answer) if answer.status == 200 => Ok(()),
        Ok(answer) => Err(Error::Failed(format!("the flush was answered with {}", answer.status))),
        Err(error) => Err(Error::Failed(format!("the flush was not answered: {error}"))),
    }
}

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
