//! h2spec, the conformance suite of HTTP/2, against the proxy's port.

use super::bed::{Bed, Peer};
use super::report::Report;
use super::script::Script;
use super::tools::Tools;
use crate::error::Error;

/// Tests that do not pass and need not: name, and why.
const KNOWN: [(&str, &str); 1] = [(
    "http2/3.5: Sends invalid connection preface",
    "the port speaks HTTP/1.1, too: what does not begin like HTTP/2 is answered in HTTP/1.1 (400) and closed",
)];

/// Fewer tests than this, and it was not run in full; release 2.2.1 has 145.
const TESTS_MIN: usize = 140;

/// A test, and how it went.
#[derive(Debug, PartialEq, Eq)]
struct Test {
    name: String,
    outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// Runs it.
///
/// # Errors
/// If it cannot be run.
pub(super) fn run(bed: &Bed, tools: &Tools, report: &Report) -> Result<(), Error> {
    report.heading("h2spec");
    let program = match tools.h2spec() {
        Ok(program) => program,
        Err(missing) => {
            report.skipped("HTTP/2's conformance suite", &missing);
            return Ok(());
        }
    };
    let path = bed.directory().join("h2spec.xml");
    let proxy = bed.proxy();
    let script = Script::new(bed.directory(), &program)
        .arguments(["generic", "http2", "hpack", "--host", &proxy.ip().to_string()])
        .arguments(["--port", &proxy.port().to_string()])
        .arguments(["--path", &format!("/{}/anything", Peer::Httpbin.name())])
        .argument("--junit-report")
        .argument(&path);
    // It ends with 1 where a test failed, known or not.
    script.output()?;
    let xml = std::fs::read_to_string(&path).map_err(|error| Error::file("read", &path, error))?;
    let tests = tests(&xml);
    let count = |outcome| tests.iter().filter(|test| test.outcome == outcome).count();
    let [passed, failed, skipped] = [Outcome::Passed, Outcome::Failed, Outcome::Skipped].map(count);
    let summary = format!("{} tests, {passed} passed, {skipped} skipped, {failed} failed", tests.len());
    report.must(tests.len() >= TESTS_MIN && skipped == 0, "generic, http2 and hpack", &summary);
    for test in tests.iter().filter(|test| test.outcome == Outcome::Failed) {
        match KNOWN.iter().find(|(name, _)| *name == test.name) {
            Some((name, why)) => report.known(name, why),
            None => report.must(false, &test.name, "failed"),
        }
    }
    Ok(())
}

/// The tests of a JUnit report as h2spec writes it: a line for each, and more lines within it unless it passed.
fn tests(xml: &str) -> Vec<Test> {
    let mut tests: Vec<Test> = Vec::new();
    for line in xml.lines().map(str::trim) {
        let outcome = match line.split(['>', ' ', '/']).next() {
            Some("<testcase") => {
                let name = format!("{}: {}", attribute(line, "package"), attribute(line, "classname"));
                tests.push(Test { name, outcome: Outcome::Passed });
                continue;
            }
            Some("<error" | "<failure") => Outcome::Failed,
            Some("<skipped") => Outcome::Skipped,
            _ => continue,
        };
        if let Some(test) = tests.last_mut() {
            test.outcome = outcome;
        }
    }
    tests
}

fn attribute<'a>(line: &'a str, name: &str) -> &'a str {
    let rest = line.split_once(&format!(" {name}=\"")).map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_says_nothing_has_passed() {
        let xml = "<testsuite name=\"x\" errors=\"1\">\n\
            <testcase package=\"a/1\" classname=\"One\" time=\"0\"></testcase>\n\
            <testcase package=\"a/2\" classname=\"Two\" time=\"0\">\n<error>Closed\nError: x</error>\n</testcase>\n\
            <testcase package=\"a/3\" classname=\"Three\" time=\"0\">\n<skipped></skipped>\n</testcase>\n";
        let expected =
            [("a/1: One", Outcome::Passed), ("a/2: Two", Outcome::Failed), ("a/3: Three", Outcome::Skipped)];
        let expected = expected.map(|(name, outcome)| Test { name: name.to_owned(), outcome });
        assert_eq!(super::tests(xml), expected);
    }
}
