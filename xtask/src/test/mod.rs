//! What must hold before a change is merged; CI runs nothing else.
//!
//! Formatting, tidiness, clippy, all tests, then licences and advisories: what fails soonest comes first, and a
//! failure does not keep the rest from being said. The last line is `N passed, N failed, N skipped`.

mod tally;

use crate::clock::Stopwatch;
use crate::error::Error;
use crate::{console, packages, tidy, workspace};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use tally::Tally;

/// Runs everything.
///
/// # Errors
/// If anything failed.
pub(crate) fn run(root: &Path) -> Result<(), Error> {
    let watch = Stopwatch::start();
    let mut tally = Tally::default();
    let node = Command::new("npm").arg("--version").output().is_ok_and(|said| said.status.success());
    if node {
        // First, since the binary takes it in.
        gate(&mut tally, "console", || console::units(root).and_then(|()| console::build(root)));
    }
    gate(&mut tally, "formatting", || succeeds(&mut workspace::cargo(root, &["fmt", "--all", "--check"])));
    gate(&mut tally, "tidy", || tidy::run(root));
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    gate(&mut tally, "clippy", || succeeds(&mut workspace::cargo(root, &clippy)));
    if !packages::TESTS.met() {
        heading("packages");
        // The test that goes without says SKIPPED itself.
        if !packages::TESTS.meet() {
            println!("will be SKIPPED: {}", packages::TESTS);
        }
    }
    heading("tests");
    // Plain `cargo test`: it runs doc tests and the explorer, which brings its own harness.
    let tests = workspace::cargo(root, &["test", "--workspace", "--no-fail-fast"]);
    if let Err(error) = counted(&mut tally, tests) {
        tally.fail("tests", &error);
    }
    match console::needs() {
        _ if !node => tally.skip("the console: it needs Node.js 20.19 or later"),
        Ok(()) => gate(&mut tally, "console in a browser", || console::test(root, None)),
        Err(error) => tally.skip(&format!("the console in a browser: {error}")),
    }
    deny(&mut tally, root);
    finish(&tally, &watch)
}

/// What cargo-deny says where it cannot reach the list of advisories.
const UNREACHABLE: &str = "failed to fetch advisory database";

/// Licences, bans and sources need no network; advisories do.
fn deny(tally: &mut Tally, root: &Path) {
    let installed =
        workspace::cargo(root, &["deny", "--version"]).output().is_ok_and(|run| run.status.success());
    if !installed {
        tally.skip("licences, bans and advisories: cargo deny check needs cargo-deny (cargo install --locked cargo-deny)");
        return;
    }
    let check = ["deny", "check", "bans", "licenses", "sources"];
    gate(tally, "licences and bans", || succeeds(&mut workspace::cargo(root, &check)));
    heading("advisories");
    let said = workspace::cargo(root, &["deny", "check", "advisories"]).output();
    match said {
        Ok(said) if said.status.success() => {}
        Ok(said) => {
            let text = String::from_utf8_lossy(&said.stderr);
            if text.contains(UNREACHABLE) {
                tally.skip("advisories: their database cannot be reached from here");
            } else {
                print!("{text}");
                tally.fail(
                    "advisories",
                    &Error::program("cargo deny check advisories", said.status.to_string()),
                );
            }
        }
        Err(error) => {
            tally.fail("advisories", &Error::program("cargo deny check advisories", error.to_string()));
        }
    }
}

fn heading(name: &str) {
    println!("\n── {name}");
}

/// A check that is no test: it adds to what failed, or says nothing.
fn gate(tally: &mut Tally, name: &str, check: impl FnOnce() -> Result<(), Error>) {
    heading(name);
    if let Err(error) = check() {
        tally.fail(name, &error);
    }
}

fn succeeds(command: &mut Command) -> Result<(), Error> {
    let shown = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Error::program(shown, format!("{status}; the reason stands above"))),
        Err(error) => Err(Error::program(shown, error.to_string())),
    }
}

/// Runs the tests: shows their output as it comes, and counts what it says.
fn counted(tally: &mut Tally, mut tests: Command) -> Result<(), Error> {
    let failed = |why: String| Error::program("cargo test", why);
    let failed_before = tally.failed;
    let mut child = tests.stdout(Stdio::piped()).spawn().map_err(|error| failed(error.to_string()))?;
    let stdout = child.stdout.take().expect("stdout was piped");
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.map_err(|error| failed(error.to_string()))?;
        let line = String::from_utf8_lossy(&line);
        // A reader that has gone away must not stop the tests.
        drop(writeln!(std::io::stdout(), "{line}"));
        tally.read(&line);
    }
    let status = child.wait().map_err(|error| failed(error.to_string()))?;
    // Failed tests were counted by their lines; a test program that does not build or dies has none.
    if status.success() || tally.failed > failed_before { Ok(()) } else { Err(failed(status.to_string())) }
}

fn finish(tally: &Tally, watch: &Stopwatch) -> Result<(), Error> {
    heading(&format!("done in {} s", watch.elapsed().as_secs()));
    for line in tally.skips() {
        println!("SKIPPED {line}");
    }
    for line in tally.failures() {
        println!("FAILED {line}");
    }
    println!("{} passed, {} failed, {} skipped", tally.passed(), tally.failed, tally.skipped);
    if tally.failed == 0 { Ok(()) } else { Err(Error::Failed(format!("{} failed", tally.failed))) }
}
