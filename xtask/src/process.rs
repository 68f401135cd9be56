//! Programs started here: their first line of JSON, their logs, and their certain end.
//!
//! A child never outlives us: it is killed when its handle is dropped, and on Linux by the kernel when we die in a
//! way that drops nothing ([`leash`]). Children are ended by their process id only.

use crate::clock::wait_for;
use crate::error::Error;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// The verb of [`leash`] on our own command line.
pub(crate) const LEASH: &str = "leash";

/// How long a program may take to say that it is up: recovery of a big journal in a debug build included.
const START_MAX: Duration = Duration::from_mins(2);

/// How long a program may go on after it has closed its output.
const END_MAX: Duration = Duration::from_secs(5);

/// Lines of a log that are shown when its program failed.
const LOG_LINES_SHOWN: usize = 12;

/// What to run.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// What it is called in messages; its log is `NAME.log`.
    pub(crate) name: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// Where it runs.
    pub(crate) directory: PathBuf,
    /// Gets both its outputs, one run after the other.
    pub(crate) log: PathBuf,
}

/// A running program. Start it on a thread that lives as long as it shall: on Linux the kernel ends a child with
/// the thread that started it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    name: &'static str,
}

impl Program {
    /// Starts it and waits for the first line of its output, which must be JSON.
    ///
    /// # Errors
    /// If it cannot be started, ends first, or says nothing for two minutes; with the end of its log.
    pub(crate) fn start(&self) -> Result<(Process, Value), Error> {
        let log = self.open_log()?;
        let stderr = log.try_clone().map_err(|error| Error::file("write", &self.log, error))?;
        let leash = ourselves().map_err(|error| Error::program(self.name, error.to_string()))?;
        let child = Command::new(leash)
            .arg(LEASH)
            .arg(&self.path)
            .args(&self.arguments)
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(|error| {
                Error::program(self.name, format!("cannot start {}: {error}", self.path.display()))
            })?;
        let mut process = Process { child, name: self.name };
        let stdout = process.child.stdout.take().expect("stdout was piped");
        let Some(line) = first_line(stdout, log).map_err(|why| self.failed(&why))? else {
            return Err(self.early(process.outlived()));
        };
        let said = serde_json::from_str(&line)
            .map_err(|error| self.failed(&format!("its first line is not JSON ({error}): {line:?}")))?;
        Ok((process, said))
    }

    fn open_log(&self) -> Result<File, Error> {
        let open = OpenOptions::new().create(true).append(true).open(&self.log);
        open.map_err(|error| Error::file("write", &self.log, error))
    }

    fn early(&self, status: ExitStatus) -> Error {
        Error::Early { program: self.name, status, log: self.log.clone(), said: tail(&self.log) }
    }

    fn failed(&self, why: &str) -> Error {
        let shown = tail(&self.log).join("\n    ");
        Error::program(self.name, format!("{why}; its log {} ends with\n    {shown}", self.log.display()))
    }
}

/// Our own program. On Linux by a name that holds even where a build has replaced the file meanwhile.
fn ourselves() -> std::io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok(PathBuf::from("/proc/self/exe")) } else { std::env::current_exe() }
}

/// Reads the first line, `None` if there is none; a thread goes on copying what follows into the log, so that the program never blocks.
fn first_line(stdout: impl Read + Send + 'static, mut log: File) -> Result<Option<String>, String> {
    let (said, hear) = sync_channel(1);
    std::thread::spawn(move || {
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        let read = stdout.read_line(&mut line);
        // Nobody hears us only if the wait below has timed out, which was reported there.
        drop(said.send(read.map(|_| line)));
        drop(std::io::copy(&mut stdout, &mut log));
    });
    match hear.recv_timeout(START_MAX) {
        Ok(Ok(line)) => Ok(Some(line).filter(|line| !line.is_empty())),
        Ok(Err(error)) => Err(format!("its output cannot be read: {error}")),
        Err(RecvTimeoutError::Timeout) => Err(format!("it was not up after {START_MAX:?}")),
        Err(RecvTimeoutError::Disconnected) => Err("its output was closed".to_owned()),
    }
}

fn tail(log: &Path) -> Vec<String> {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].iter().map(|line| (*line).to_owned()).collect()
}

impl Process {
    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        // An error means that there is no such child any more.
        self.child.try_wait().unwrap_or_else(|_| Some(ExitStatus::default()))
    }

    /// SIGKILL, and nothing left behind.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// SIGTERM, and SIGKILL for who does not listen within `patience`.
    ///
    /// # Errors
    /// If it had to be killed or ended with another status than 0.
    pub(crate) fn terminate(mut self, patience: Duration) -> Result<(), Error> {
        let pid = Pid::from_child(&self.child);
        // An error means that it has ended already, which the wait below sees.
        let _ = kill_process(pid, Signal::TERM);
        match wait_for(patience, || self.ended()) {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(Error::program(self.name, format!("ended with {status} on SIGTERM"))),
            None => {
                Err(Error::program(self.name, format!("still running {patience:?} after SIGTERM; killed")))
            }
        }
    }

    /// How it ended, once its output has: it is ending, or is ended here.
    fn outlived(mut self) -> ExitStatus {
        wait_for(END_MAX, || self.ended()).unwrap_or_default()
    }

    fn end(&mut self) {
        // Errors mean that it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Becomes `program`, after asking the kernel for a SIGKILL when the parent dies. Returns only if it cannot.
pub(crate) fn leash(program: &Path, arguments: &[OsString]) -> Error {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_parent_process_death_signal(Some(Signal::KILL)) {
        return Error::program(LEASH, format!("cannot tie {} to its parent: {error}", program.display()));
    }
    let error = Command::new(program).args(arguments).exec();
    Error::program(LEASH, format!("cannot run {}: {error}", program.display()))
}
