//! A gibibyte up and down: nothing is lost on the way, and the proxy keeps next to none of it.

use super::bed::{Bed, Peer};
use super::report::Report;
use super::script;
use crate::clock::Stopwatch;
use crate::error::Error;
use std::path::{Path, PathBuf};

/// Of each body.
const BODY_BYTES: u64 = 1 << 30;

/// What the proxy's memory may grow by meanwhile: some buffers, and never the body.
const GROWTH_BYTES_MAX: u64 = 32 << 20;

/// Compares them.
///
/// # Errors
/// If the client cannot be run.
pub(super) fn run(bed: &Bed, report: &Report) -> Result<(), Error> {
    report.heading("1 GiB up and down");
    let client = |address: std::net::SocketAddr| {
        let port = address.port().to_string();
        bed.python("big_client.py").arguments([&port, Peer::Big.name(), &BODY_BYTES.to_string()])
    };
    let direct = client(bed.direct(Peer::Big)).run()?;
    let memory = Memory::of(bed.ondol());
    let before = memory.begin();
    let watch = Stopwatch::start();
    let through = client(bed.proxy()).run()?;
    let seconds = watch.elapsed().as_secs_f64();
    script::compare(report, "1 GiB", &direct, &through);
    let (Some(before), Some(peak)) = (before, memory.peak_bytes()) else {
        report.skipped("the proxy's memory", "this system does not tell it (use Linux)");
        return Ok(());
    };
    let grown = peak.saturating_sub(before);
    let seen = format!("{} MiB at most, {} MiB before; {seconds:.1} s both ways", peak >> 20, before >> 20);
    report.must(grown < GROWTH_BYTES_MAX, "the proxy's memory grows by less than 32 MiB", &seen);
    Ok(())
}

/// The resident memory of a process, as Linux tells it.
struct Memory(PathBuf);

impl Memory {
    fn of(process: u32) -> Self {
        Self(Path::new("/proc").join(process.to_string()))
    }

    /// Forgets the highest so far, so that nothing grows unseen below it; the memory now.
    fn begin(&self) -> Option<u64> {
        std::fs::write(self.0.join("clear_refs"), "5").ok()?;
        self.peak_bytes()
    }

    /// The highest since then.
    fn peak_bytes(&self) -> Option<u64> {
        peak(&std::fs::read_to_string(self.0.join("status")).ok()?)
    }
}

/// `VmHWM` of `/proc/PID/status`.
fn peak(status: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = value.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_is_found() {
        assert_eq!(peak("VmPeak:\t  9 kB\nVmHWM:\t   91208 kB\nVmRSS:\t 8 kB\n"), Some(91_208 << 10));
        assert_eq!(peak("VmRSS:\t 8 kB\n"), None);
    }
}
