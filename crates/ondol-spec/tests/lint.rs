//! The table of everything that lint finds: each row breaks a file that passes, at one place, and names what must be said.
//!
//! The file is one small system. A row replaces one text of it by another; the finding must stand where the row says,
//! and the file before the change is the fixed one.

use std::collections::BTreeSet;

use ondol_spec::{Code, Severity, example, lint};

/// Passes without findings. Rows change it.
const SYSTEM: &str = r#"ondol: 1
services:
  flight: { url: "http://127.0.0.1:7102", barrier: true, timeout: { connect: 300ms } }
  payment: { url: "http://127.0.0.1:7104", headers: { authorization: "Bearer ${{ secrets.PAY }}" } }
secrets: { PAY: { env: PAY_TOKEN } }
sagas:
  book:
    timeout: 2m
    steps:
      - name: hold
        action: flight POST /seats/${{ input.seat }}/hold
        compensate: { call: "flight DELETE /seats/${{ input.seat }}", accept: [404] }
        retry: { attempts: 5, first: 200ms, factor: 2, max: 10s }
      - name: pay
        action: { call: payment POST /charges, body: { amount: "${{ input.price }}" }, retry_on: [409] }
        pivot: true
      - name: mail
        if: "${{ input.mail == true }}"
        action: flight PUT /mails
        after: [pay]
    output: { seat: "${{ steps.hold.output }}" }
    notify: { events: [completed], webhook: "http://127.0.0.1:7105/outcomes" }
"#;

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

const ROWS: &[Row] = &[
    // The text.
    row("services:\n", "services\n", 3, 9, Code::Syntax, "check the indentation"),
    row(
        "200ms, factor: 2, max: 10s",
        "&d 200ms, factor: 2, max: *d",
        13,
        64,
        Code::Alias,
        "write the value out",
    ),
    row("ondol: 1", "ondol: !!int 1", 1, 8, Code::Tag, "remove the tag"),
    row("ondol: 1", "a: 1\n---\nondol: 1", 2, 1, Code::SeveralDocuments, "remove the `---`"),
    row("    timeout: 2m", "    timeout: 2m\n    timeout: 3m", 9, 5, Code::DuplicateKey, "remove or rename"),
    row("  book:\n", "  [a]: 1\n  book:\n", 7, 3, Code::KeyNotText, "plain text"),
    row("factor: 2", "factor: 0x2", 13, 53, Code::NumberNotJson, "quote it"),
    row("\"${{ input.price }}\"", "${{ input.price }}", 15, 65, Code::Syntax, "single quotes"),
    row("    timeout: 2m", "\ttimeout: 2m", 8, 2, Code::Syntax, "indent with spaces"),
    // The shape.
    row("compensate: {", "compensat: {", 12, 9, Code::UnknownKey, "did you mean `compensate`?"),
    row("retry: {", "retries: {", 13, 9, Code::UnknownKey, "did you mean `retry`?"),
    row("barrier: true", "barrier: yes", 3, 52, Code::WrongType, "write true or false"),
    row("after: [pay]", "after: pay", 20, 16, Code::WrongType, "put it in brackets"),
    row("env: PAY_TOKEN", "env: 1", 5, 24, Code::WrongType, "quote it: \"1\""),
    row("      - name: hold\n        action", "      - action", 10, 9, Code::MissingField, "add `name`"),
    row("ondol: 1\n", "", 1, 1, Code::MissingField, "add `ondol`"),
    row("[completed]", "[complete]", 22, 24, Code::UnknownChoice, "did you mean `completed`?"),
    row(
        "timeout: { connect: 300ms }",
        "protocol: http3",
        3,
        68,
        Code::UnknownChoice,
        "did you mean `http1`?",
    ),
    row("timeout: 2m", "timeout: 120", 8, 14, Code::BadDuration, "2m"),
    row("connect: 300ms", "connect: fast", 3, 78, Code::BadDuration, "300ms"),
    row("attempts: 5", "attempts: 65", 13, 28, Code::OutOfBounds, "write 64"),
    row("accept: [404]", "accept: [500]", 12, 80, Code::OutOfBounds, "remove it"),
    row("retry_on: [409]", "retry_on: [500]", 15, 99, Code::OutOfBounds, "always tried again"),
    row("if: \"${{ input.mail == true }}\"", "if: true", 18, 13, Code::WrongType, "write one expression"),
    row(
        "headers: { authorization:",
        "headers: { Authorization: x, authorization:",
        4,
        73,
        Code::DuplicateKey,
        "rename",
    ),
    row("connect: 300ms", "connect: 2h", 3, 78, Code::OutOfBounds, "within the bounds"),
    row("timeout: 2m", "timeout: 401d", 8, 14, Code::OutOfBounds, "within the bounds"),
    row("max: 10s", "max: 2h", 13, 16, Code::OutOfBounds, "shorter delay"),
    // Services and secrets.
    row("ondol: 1", "ondol: 2", 1, 8, Code::BadVersion, "write `ondol: 1`"),
    row("  book:", "  book flight:", 7, 3, Code::BadName, "A-Z a-z 0-9"),
    row("- name: hold", "- name: hold it", 10, 15, Code::BadName, "rename the step"),
    row("url: \"http://127.0.0.1:7102\", ", "", 3, 11, Code::BadAddresses, "either `url"),
    row("http://127.0.0.1:7102", "127.0.0.1:7102", 3, 18, Code::BadUrl, "http://127.0.0.1:7101"),
    row("http://127.0.0.1:7105", "ftp://127.0.0.1", 22, 45, Code::BadUrl, "http://127.0.0.1:7101"),
    row("authorization:", "\"au th\":", 4, 55, Code::BadHeader, "letters, digits"),
    row("\"Bearer ${{ secrets.PAY }}\"", "\"a\\nb\"", 4, 70, Code::BadHeader, "one line"),
    row("authorization:", "Idempotency-Key:", 4, 55, Code::ReservedHeader, "choose another name"),
    row("{ env: PAY_TOKEN }", "{ default: x }", 5, 17, Code::BadSecret, "env: PAY"),
    row("PAY: {", "UNUSED: { file: f }, PAY: {", 5, 12, Code::UnusedSecret, "insert it into a header"),
    // Calls.
    row("action: flight PUT", "action: fligt PUT", 19, 17, Code::UnknownService, "did you mean `flight`?"),
    row("flight PUT /mails", "flight", 19, 17, Code::BadCall, "flight POST /seats/hold"),
    row(
        "compensate: { call: \"flight DELETE /seats/${{ input.seat }}\", accept: [404] }",
        "compensate: None",
        12,
        21,
        Code::BadCall,
        "write `none`, in lower case",
    ),
    row("flight PUT /mails", "flight put /mails", 19, 24, Code::BadMethod, "did you mean `PUT`?"),
    row("flight PUT /mails", "flight PUT mails", 19, 28, Code::BadPath, "begin it with /"),
    row("flight PUT /mails", "flight PUT /mails?a=b", 19, 28, Code::BadPath, "into `query:`"),
    row("flight PUT /mails", "flight PUT /a/../b", 19, 28, Code::BadPath, "remove that segment"),
    row("flight PUT /mails", "flight PUT /a%zz", 19, 28, Code::BadPath, "%25"),
    row("flight PUT /mails", "flight ${{ input.m }} /mails", 19, 17, Code::TemplateNotHere, "two steps"),
    row("{ amount:", "{ \"${{ input.a }}\":", 15, 56, Code::TemplateNotHere, "write the key out"),
    row("payment POST", "payment GET", 15, 53, Code::BodyNotAllowed, "use POST"),
    row("retry_on: [409]", "accept: [409]", 15, 96, Code::AcceptOnAction, "move it to `compensate`"),
    row("[409]", "[409, 429]", 15, 104, Code::BadStatus, "remove it"),
    row("first: 200ms", "first: 20s", 13, 16, Code::BadRetry, "make `max` the longer one"),
    // The graph.
    row("- name: mail", "- name: hold", 17, 15, Code::DuplicateStep, "rename one"),
    row("after: [pay]", "after: [pya]", 20, 17, Code::UnknownStep, "did you mean `pay`?"),
    row("steps.hold.", "steps.holt.", 21, 32, Code::UnknownStep, "did you mean `hold`?"),
    row("after: [pay]", "after: [mail]", 20, 16, Code::Cycle, "remove a name"),
    row("        after: [pay]", "        pivot: true", 20, 16, Code::TwoPivots, "retried until it succeeds"),
    row("after: [pay]", "after: [hold]", 20, 16, Code::PivotBeside, "before or after the pivot"),
    row("pivot: true", "pivot: true\n        if: \"${{ true }}\"", 17, 13, Code::PivotCondition, "two sagas"),
    row(
        "pivot: true",
        "pivot: true\n        compensate: flight PUT /x",
        17,
        21,
        Code::PivotCompensation,
        "if the step can be undone",
    ),
    row(
        "pivot: true",
        "pivot: true\n        retry: { attempts: 3 }",
        17,
        16,
        Code::PivotAttempts,
        "delays may stay",
    ),
    row(
        "after: [pay]",
        "compensate: flight PUT /x",
        20,
        21,
        Code::CompensationBehindPivot,
        "retried until it succeeds",
    ),
    row(
        "        compensate: { call: \"flight DELETE /seats/${{ input.seat }}\", accept: [404] }\n",
        "",
        10,
        9,
        Code::NoCompensation,
        "compensate: none",
    ),
    row("barrier: true, ", "", 3, 11, Code::NoBarrier, "declare `barrier: true`"),
    // Expressions.
    row("${{ input.seat }}/hold", "${{ input. }}/hold", 11, 40, Code::BadExpression, "https://cel.dev"),
    row("${{ input.seat }}/hold", "${{ }}/hold", 11, 36, Code::BadExpression, "name a value"),
    row("\"${{ input.price }}\"", "\"${{ input.price\"", 15, 65, Code::UnclosedTemplate, "close it"),
    row(
        "input.mail == true",
        "((((((((((input.mail))))))))))",
        18,
        18,
        Code::ExpressionTooComplex,
        "split the expression",
    ),
    row(
        "input.mail == true",
        "input.a.all(x, input.b.exists(y, x == y))",
        18,
        18,
        Code::ExpressionTooComplex,
        "in a service",
    ),
    row("\"${{ input.mail == true }}\"", "input.mail", 18, 13, Code::BadCondition, "write one expression"),
    row("input.price", "price + 1", 15, 69, Code::UnknownVariable, "use one of: input"),
    row("input.price", "input.unit-price", 15, 80, Code::UnknownVariable, "input[\"a-key\"]"),
    row("input.price", "saga.name", 15, 69, Code::UnknownVariable, "saga.id"),
    row("input.price", "steps.hold", 15, 69, Code::UnknownVariable, "steps.<name>.output"),
    row("input.price", "sizeof(input.price)", 15, 69, Code::UnknownFunction, "did you mean `size`?"),
    row("input.price", "_size(input.price)", 15, 69, Code::UnknownFunction, "did you mean `size`?"),
    row("input.price", "steps.mail.output", 15, 69, Code::StepNotBefore, "`after`"),
    row(
        "DELETE /seats/${{ input.seat }}",
        "DELETE /${{ steps.hold.output }}",
        12,
        49,
        Code::StepNotBefore,
        "an action is undone also where it never answered",
    ),
    row("secrets.PAY ", "secrets.PAYMENT ", 4, 82, Code::UnknownSecret, "declare it under `secrets:`"),
    row("input.price", "secrets.PAY", 15, 69, Code::SecretNotHere, "move it into `headers`"),
    row("secrets.PAY }}", "'x' + secrets.PAY }}", 4, 82, Code::SecretNotHere, "insert it alone"),
    row("${{ secrets.PAY }}", "${{ saga.id }}", 4, 82, Code::VariableNotHere, "`headers` of a call"),
];

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
    let fixed = lint(SYSTEM);
    assert_eq!(fixed.findings, [], "{}", fixed.render("ondol.yaml", SYSTEM));
    assert!(fixed.system.is_some());
    let wrong = ROWS.iter().filter_map(|row| {
        assert_eq!(SYSTEM.matches(row.from).count(), 1, "{:?} must stand in the file exactly once", row.from);
        check(row, &SYSTEM.replace(row.from, row.to))
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
    let rows: BTreeSet<Code> = ROWS.iter().map(|row| row.code).chain(whole).collect();
    let missing: Vec<&Code> = Code::ALL.iter().filter(|code| !rows.contains(code)).collect();
    assert!(missing.is_empty(), "codes without a row: {missing:?}");
    let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), Code::ALL.len(), "two codes have one name");
}

#[test]
fn the_samples_pass() {
    for source in [include_str!("fixtures/design.yaml"), example()] {
        let report = lint(source);
        assert_eq!(report.findings, [], "{}", report.render("ondol.yaml", source));
        assert!(report.system.is_some());
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
