//! A client in another language: it is run, and each line of JSON that it prints is a case.

use super::report::Report;
use crate::clock::wait_for;
use crate::error::Error;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Longest run of a script; the longest of them takes some ten seconds on a machine that is not busy.
const RUN_MAX: Duration = Duration::from_mins(2);

/// Variables that would lead a client to another proxy than ours.
const PROXIES: [&str; 6] =
    ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// Bytes of a script's last words that are shown.
const LAST_WORDS_MAX: usize = 400;

/// A program with its arguments.
pub(crate) struct Script<'a> {
    directory: &'a Path,
    command: Command,
}

/// What a script saw of each case, in its order.
pub(super) struct Seen {
    cases: Vec<(String, String)>,
    /// Why it did not end well.
    failed: Option<String>,
}

impl<'a> Script<'a> {
    /// `directory` gets its output.
    pub(crate) fn new(directory: &'a Path, program: &Path) -> Self {
        let mut command = Command::new(program);
        command.stdin(Stdio::null()).current_dir(directory).env("PYTHONIOENCODING", "utf-8");
        for name in PROXIES {
            command.env_remove(name);
        }
        Self { directory, command }
    }

    pub(crate) fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn arguments<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Gives it a file to read.
    pub(super) fn input(mut self, file: File) -> Self {
        self.command.stdin(file);
        self
    }

    /// Runs it; what it printed, and why it did not end well.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(crate) fn output(mut self) -> Result<(Vec<u8>, Option<String>), Error> {
        let name = self.command.get_program().to_string_lossy().into_owned();
        let (out, err) = (self.directory.join("script.out"), self.directory.join("script.err"));
        let create = |path: &PathBuf| File::create(path).map_err(|error| Error::file("write", path, error));
        self.command.stdout(create(&out)?).stderr(create(&err)?);
        let child = self.command.spawn();
        let failed = wait(child.map_err(|error| Error::program(name, format!("cannot start: {error}")))?);
        let read = |path: &PathBuf| std::fs::read(path).map_err(|error| Error::file("read", path, error));
        let said = read(&err)?;
        let last = String::from_utf8_lossy(&said[said.len().saturating_sub(LAST_WORDS_MAX)..]);
        Ok((read(&out)?, failed.map(|why| format!("{why}: {}", last.trim()))))
    }

    /// Runs it and reads its cases.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn run(self) -> Result<Seen, Error> {
        let (said, failed) = self.output()?;
        let said = String::from_utf8_lossy(&said);
        let cases = said.lines().filter_map(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            Some((line["case"].as_str()?.to_owned(), line["saw"].as_str()?.to_owned()))
        });
        Ok(Seen { cases: cases.collect(), failed })
    }
}

/// `None` if it ended well.
fn wait(mut child: Child) -> Option<String> {
    let ended = wait_for(RUN_MAX, || child.try_wait().transpose());
    match ended {
        Some(Ok(status)) if status.success() => None,
        Some(Ok(status)) => Some(status.to_string()),
        Some(Err(error)) => Some(error.to_string()),
        None => {
            // An error means that it has ended this moment.
            drop(child.kill());
            drop(child.wait());
            Some(format!("ended after {RUN_MAX:?}"))
        }
    }
}

/// Every case of one run without the proxy and one through it.
pub(super) fn compare(report: &Report, what: &str, direct: &Seen, through: &Seen) {
    for (name, saw) in &direct.cases {
        let other = through.cases.iter().find(|(other, _)| other == name);
        let other = other.map_or("it did not come so far", |(_, saw)| saw);
        report.words(&format!("{what}: {name}"), saw, other);
    }
    for (way, seen) in [("direct", direct), ("through", through)] {
        if let Some(why) = &seen.failed {
            report.must(false, what, &format!("{way}: {why}"));
        }
    }
    // Two that saw nothing agree on nothing.
    if direct.cases.is_empty() || through.cases.len() != direct.cases.len() {
        let counts = format!("{} cases direct, {} through", direct.cases.len(), through.cases.len());
        report.must(false, what, &counts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_are_cases_count() {
        let shell = |script: &str| {
            let directory = tempfile::tempdir().expect("a directory");
            let run = Script::new(directory.path(), Path::new("sh")).arguments(["-c", script]).run();
            let seen = run.expect("a shell");
            (seen.cases.len(), seen.failed.is_some())
        };
        let table = [
            (r#"echo hello; echo '{"case":"a","saw":"b"}'"#, (1, false)),
            (r#"echo '{"case":"a","saw":1}'"#, (0, false)),
            (r#"echo '{"case":"a","saw":"b"}'; exit 3"#, (1, true)),
        ];
        for (script, expected) in table {
            assert_eq!(shell(script), expected, "{script}");
        }
    }
}
