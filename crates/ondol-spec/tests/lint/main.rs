//! The table of everything that lint finds: each row breaks a file that passes, at one place, and names what must be said.
//!
//! The file is one small system, in `rows.rs`, and one with everything that can be said of calls, in `calls.rs`. A row replaces one text of it by another; the finding must stand where the row says,
//! and the file before the change is the fixed one.

mod calls;
mod rows;

use std::collections::BTreeSet;

use ondol_spec::{Code, Severity, example, lint};
use rows::{ROWS, SYSTEM};

/// One broken file: what is replaced by what, where the finding is, its code, and a piece of its fix.
struct Row {
    from: &'static str,
    to: &'static str,
    line: u32,
    column: u32,
    code: Code,
    fix: &'static str,
}

const fn row(
    from: &'static str,
    to: &'static str,
    line: u32,
    column: u32,
    code: Code,
    fix: &'static str,
) -> Row {
    Row { from, to, line, column, code, fix }
}

/// What is not as the row says.
fn check(row: &Row, source: &str) -> Option<String> {
    let report = lint(source);
    let shown = report.render("ondol.yaml", source);
    let wrong = |what: String| Some(format!("{:?} → {:?}: {what}\n{shown}", row.from, row.to));
    assert_eq!(report.system.is_none(), report.has_errors(), "{shown}");
    let Some(finding) = report.findings.iter().find(|finding| finding.code == row.code) else {
        return wrong(format!("no {}", row.code));
    };
    if (finding.at.line, finding.at.column) != (row.line, row.column) {
        return wrong(format!("not at {}:{}", row.line, row.column));
    }
    if !finding.fix.contains(row.fix) || finding.severity != row.code.severity() {
        return wrong(format!("no fix with {:?}", row.fix));
    }
    None
}

#[test]
fn every_row_is_found_and_the_fixed_file_passes() {
    let wrong = [(SYSTEM, ROWS), (calls::SYSTEM, calls::ROWS)].into_iter().flat_map(|(system, rows)| {
        let fixed = lint(system);
        assert_eq!(fixed.findings, [], "{}", fixed.render("ondol.yaml", system));
        assert!(fixed.system.is_some());
        rows.iter().filter_map(move |row| {
            let count = system.matches(row.from).count();
            assert_eq!(count, 1, "{:?} must stand in the file exactly once", row.from);
            check(row, &system.replace(row.from, row.to))
        })
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_as_a_whole() {
    let deep = format!("ondol: 1\nservices: {}", "[".repeat(70));
    let large = format!("ondol: 1\n# {}", "x".repeat(1 << 20));
    let rows = [
        (large.as_str(), row("", "", 1, 1, Code::TooLarge, "split the system")),
        (deep.as_str(), row("", "", 2, 74, Code::TooDeep, "flatten")),
        ("ondol: 1\n", row("", "", 1, 1, Code::EmptySystem, "ondol init")),
        ("", row("", "", 1, 1, Code::WrongType, "a mapping")),
    ];
    for (source, row) in &rows {
        assert_eq!(check(row, source), None);
    }
}

#[test]
fn every_code_has_a_row() {
    let whole = [Code::TooLarge, Code::TooDeep, Code::EmptySystem];
    let rows: BTreeSet<Code> = ROWS.iter().chain(calls::ROWS).map(|row| row.code).chain(whole).collect();
    let missing: Vec<&Code> = Code::ALL.iter().filter(|code| !rows.contains(code)).collect();
    assert!(missing.is_empty(), "codes without a row: {missing:?}");
    let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), Code::ALL.len(), "two codes have one name");
}

#[test]
fn the_samples_pass() {
    for source in [include_str!("../fixtures/design.yaml"), example()] {
        let report = lint(source);
        assert_eq!(report.findings, [], "{}", report.render("ondol.yaml", source));
        assert!(report.system.is_some());
    }
}

/// The samples of the manual's page on calls; one that is only a piece belongs to a service.
#[test]
fn the_manual_passes() {
    let page = include_str!("../../../../docs/calls.md");
    let samples: Vec<&str> =
        page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!samples.is_empty());
    for sample in samples {
        let begin = if sample.starts_with(' ') { "services:\n  a:\n    url: \"http://a\"\n" } else { "" };
        let source = format!("ondol: 1\n{begin}{sample}");
        let report = lint(&source);
        assert_eq!(report.findings, [], "{}", report.render("calls.md", &source));
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let source = SYSTEM
        .replace("flight PUT /mails", "fligt PUT /mails")
        .replace("input.price", "price")
        .replace("barrier: true, ", "");
    let report = lint(&source);
    let codes: Vec<Code> = report.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::NoBarrier, Code::UnknownVariable, Code::UnknownService]);
    assert!(report.has_errors() && report.system.is_none());
    insta::assert_snapshot!(report.render("ondol.yaml", &source), @r#"
ondol.yaml:3:11: warning[no_barrier]: the step `book.hold` is undone, and the service `flight` does not declare a barrier
   |
 3 |   flight: { url: "http://127.0.0.1:7102", timeout: { connect: 300ms } }
   |           ^
   at: services.flight
  why: a request delayed by the network may arrive after it was undone, and take effect then
  fix: keep a barrier in the service (the SDK has one) and declare `barrier: true`

ondol.yaml:15:69: error[unknown_variable]: `price` does not exist
    |
 15 |         action: { call: payment POST /charges, body: { amount: "${{ price }}" }, retry_on: [409] }
    |                                                                     ^
   at: sagas.book.steps[1].action.body.amount
  why: an expression sees input, steps, saga and, in headers, secrets
  fix: use one of: input, saga, secrets, steps; a key with a hyphen is written input["a-key"]

ondol.yaml:19:17: error[unknown_service]: there is no service `fligt`
    |
 19 |         action: fligt PUT /mails
    |                 ^
   at: sagas.book.steps[2].action
  why: there is no address to call
  fix: did you mean `flight`?

ondol.yaml: 2 errors, 1 warning
"#);
}

#[test]
fn one_mistake_is_one_finding_and_hides_no_other() {
    type Changes = &'static [(&'static str, &'static str)];
    #[rustfmt::skip]
    let table: [(Changes, &[Code]); 4] = [
        (&[("max: 10s", "max: 2h")],                                         &[Code::OutOfBounds]),
        (&[("first: 200ms", "first: 20s")],                                  &[Code::BadRetry]),
        (&[("first: 200ms", "first: 2h")],                                   &[Code::OutOfBounds]),
        (&[("timeout: 2m", "timeout: 401d"), ("flight PUT", "fligt PUT")],   &[Code::OutOfBounds, Code::UnknownService]),
    ];
    for (changes, expected) in table {
        let source = changes.iter().fold(SYSTEM.to_owned(), |source, (from, to)| source.replace(from, to));
        let codes: Vec<Code> = lint(&source).findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, expected, "{}", lint(&source).render("ondol.yaml", &source));
    }
}

#[test]
fn one_mistake_about_calls_is_one_finding() {
    for row in calls::ROWS {
        let source = calls::SYSTEM.replace(row.from, row.to);
        let report = lint(&source);
        assert_eq!(report.findings.len(), 1, "{}", report.render("ondol.yaml", &source));
    }
}

#[test]
fn warnings_are_shown_and_the_system_is_used() {
    let source = SYSTEM.replace("barrier: true, ", "");
    let report = lint(&source);
    assert!(report.system.is_some());
    insta::assert_snapshot!(report.render("ondol.yaml", &source), @r#"
ondol.yaml:3:11: warning[no_barrier]: the step `book.hold` is undone, and the service `flight` does not declare a barrier
   |
 3 |   flight: { url: "http://127.0.0.1:7102", timeout: { connect: 300ms } }
   |           ^
   at: services.flight
  why: a request delayed by the network may arrive after it was undone, and take effect then
  fix: keep a barrier in the service (the SDK has one) and declare `barrier: true`

ondol.yaml: 0 errors, 1 warning
"#);
}

#[test]
fn a_finding_shows_its_line() {
    let check = |from: &str, to: &str| {
        let source = SYSTEM.replace(from, to);
        let findings = lint(&source).findings;
        findings
            .iter()
            .find(|finding| finding.severity == Severity::Error)
            .map(|finding| finding.render("ondol.yaml", &source))
            .unwrap_or_default()
    };
    insta::assert_snapshot!(check("services:\n", "services\n"), @r#"
ondol.yaml:3:9: error[syntax]: this is not YAML: simple key expect ':'
   |
 3 |   flight: { url: "http://127.0.0.1:7102", barrier: true, timeout: { connect: 300ms } }
   |         ^
  why: the file cannot be read
  fix: check the indentation, and quote text that contains : # { } [ ] , & * ! | > ' " % @ `
"#);
    insta::assert_snapshot!(check("after: [pay]", "after: [mail]"), @r#"
ondol.yaml:20:16: error[cycle]: `mail` waits for itself: `mail` after `mail`
    |
 20 |         after: [mail]
    |                ^
   at: sagas.book.steps[2].after
  why: none of these steps could ever start
  fix: remove a name from one `after` of these
"#);
    insta::assert_snapshot!(check("input.price", "steps.mail.output.price"), @r#"
ondol.yaml:15:69: error[step_not_before]: the step `mail` is not certain to be done before this
    |
 15 |         action: { call: payment POST /charges, body: { amount: "${{ steps.mail.output.price }}" }, retry_on: [409] }
    |                                                                     ^
   at: sagas.book.steps[1].action.body.amount
  why: its output may not exist when it is needed
  fix: let this step come after `mail` (with `after`), or use another value
"#);
}
