//! The program that sends and looks (`crates/ondol-bench`, binary `telemetry`): run, and its lines read.

use crate::error::Error;
use crate::print::Print;
use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The program, with the day it works on and how much of it.
#[derive(Debug, Clone)]
pub(crate) struct Hand {
    program: PathBuf,
    common: Vec<OsString>,
}

impl Hand {
    /// For a day.
    pub(crate) fn new(program: &Path, day: &Path) -> Self {
        Self { program: program.to_owned(), common: vec!["--data".into(), day.into()] }
    }

    /// With an argument that says how much, or when.
    pub(crate) fn with(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.common.push(argument.as_ref().to_owned());
        self
    }

    /// Runs it to its end; every line it printed.
    ///
    /// # Errors
    /// If it failed; with what it said.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Vec<Value>, Error> {
        self.end(self.start(arguments)?)
    }

    /// Starts it.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(crate) fn start<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Child, Error> {
        let mut command = Command::new(&self.program);
        command.args(&self.common).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().map_err(|error| Error::program("telemetry", error.to_string()))
    }

    /// Waits for its end; every line it printed.
    ///
    /// # Errors
    /// If it failed; with what it said.
    pub(crate) fn end(&self, child: Child) -> Result<Vec<Value>, Error> {
        let failed = |why: String| Error::program(self.program.display().to_string(), why);
        let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            return Err(failed(format!(
                "{}: {}",
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            )));
        }
        let line = |line| serde_json::from_str(line).map_err(|_| failed(format!("it said {line:?}")));
        said.lines().map(line).collect()
    }
}

/// Prints its checks. It cannot be that there are none.
pub(crate) fn checks(print: &Print, lines: &[Value]) {
    print.check(!lines.is_empty(), &format!("{} checks were made", lines.len()));
    for line in lines {
        print.check(line["held"] == true, line["line"].as_str().unwrap_or("a check without words"));
    }
}
