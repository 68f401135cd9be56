//! One program with one address, over all its lives.

use crate::error::Error;
use crate::http::Client;
use crate::process::{Process, Program};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

/// How long a service may take to answer what is in flight after SIGTERM.
const DRAIN_MAX: Duration = Duration::from_secs(30);

/// A program that is started, killed and started again at the same address with the same files.
#[derive(Debug)]
pub(crate) struct Unit {
    program: Program,
    address: SocketAddr,
    process: Option<Process>,
}

impl Unit {
    /// Starts it for the first time.
    ///
    /// # Errors
    /// If it does not come up.
    pub(crate) fn start(program: Program, address: SocketAddr) -> Result<Self, Error> {
        let (process, _) = program.start()?;
        Ok(Self { program, address, process: Some(process) })
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.program.name
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// SIGKILL. Says whether it was still alive.
    pub(crate) fn kill(&mut self) -> bool {
        let alive = self.alive();
        if let Some(process) = self.process.take() {
            process.kill();
        }
        alive
    }

    /// SIGTERM; it may finish what it does.
    ///
    /// # Errors
    /// If it does not end well by itself.
    pub(crate) fn terminate(&mut self) -> Result<(), Error> {
        self.process.take().map_or(Ok(()), |process| process.terminate(DRAIN_MAX))
    }

    pub(crate) fn alive(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.ended().is_none())
    }

    /// How it ended, if it did so by itself.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.process.as_mut().and_then(Process::ended)
    }

    /// Where all its lives are logged.
    pub(crate) fn log(&self) -> &Path {
        &self.program.log
    }

    /// Starts it again, with these arguments added for this life.
    ///
    /// # Errors
    /// If it does not come up.
    pub(crate) fn restart(&mut self, extra: &[OsString]) -> Result<(), Error> {
        self.kill();
        let mut program = self.program.clone();
        program.arguments.extend_from_slice(extra);
        self.process = Some(program.start()?.0);
        Ok(())
    }
}
