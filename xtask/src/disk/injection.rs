//! Syncs that fail: strace stands between the process and the kernel and answers `EIO` in the kernel's place.

use crate::clock::wait_for;
use crate::error::Error;
use crate::packages::Need;
use rustix::process::{Pid, Signal, kill_process};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What it is done with.
const STRACE: Need = Need { what: "syncs that fail", program: "strace", package: "strace" };

/// How a log may be made durable.
const SYNCS: &str = "fsync,fdatasync,sync_file_range";

/// How long strace may take to attach to all threads, or to let them go.
const ATTACH_MAX: Duration = Duration::from_secs(10);

/// Is strace here, or can it be installed?
///
/// # Errors
/// [`Error::Skipped`] where it is not.
pub(super) fn available() -> Result<(), Error> {
    if STRACE.meet() { Ok(()) } else { Err(Error::Skipped(STRACE.to_string())) }
}

/// Which syncs fail.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// All.
    Always,
    /// The first of each thread succeed; then each one in so many fails.
    OneIn(u32),
}

/// Syncs of one process fail until this is ended.
pub(super) struct Injection {
    strace: Child,
    log: PathBuf,
}

impl Injection {
    /// Begins. Threads that come later are caught, too.
    ///
    /// # Errors
    /// If strace cannot attach.
    pub(super) fn begin(pid: u32, when: When, directory: &Path) -> Result<Self, Error> {
        let log = directory.join("strace.log");
        let when = match when {
            When::Always => String::new(),
            When::OneIn(many) => format!(":when={many}+{many}"),
        };
        let strace = Command::new(STRACE.program)
            .args(["-f", "-p", &pid.to_string(), "-e", &format!("trace={SYNCS}")])
            .args(["-e", &format!("inject={SYNCS}:error=EIO{when}"), "-o"])
            .arg(&log)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Error::program(STRACE.program, error.to_string()))?;
        let injection = Self { strace, log };
        wait_for(ATTACH_MAX, || traced(pid).then_some(())).ok_or_else(|| {
            Error::Skipped(format!("{}: strace may not attach to process {pid}; run it as root", STRACE.what))
        })?;
        Ok(injection)
    }

    /// Ends; says how many syncs failed.
    pub(super) fn end(mut self) -> usize {
        self.let_go();
        let said = std::fs::read_to_string(&self.log).unwrap_or_default();
        said.lines().filter(|line| line.contains("(INJECTED)")).count()
    }

    /// SIGTERM: strace lets its threads go before it ends.
    fn let_go(&mut self) {
        let pid = Pid::from_child(&self.strace);
        if self.strace.try_wait().is_ok_and(|ended| ended.is_none()) {
            // An error means that it has ended meanwhile.
            let _ = kill_process(pid, Signal::TERM);
            if wait_for(ATTACH_MAX, || self.strace.try_wait().ok().flatten()).is_none() {
                drop(self.strace.kill());
                drop(self.strace.wait());
            }
        }
    }
}

impl Drop for Injection {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// Is every thread of the process traced?
fn traced(pid: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"));
    let mut threads = threads.into_iter().flatten().flatten().peekable();
    let by_somebody = |status: String| {
        status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|pid| pid.trim() != "0"))
    };
    threads.peek().is_some()
        && threads.all(|thread| std::fs::read_to_string(thread.path().join("status")).is_ok_and(by_somebody))
}
