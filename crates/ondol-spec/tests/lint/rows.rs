//! What a file gets wrong about services, sagas and expressions.

use ondol_spec::Code;

use super::{Row, row};

/// Passes without findings. Rows change it.
pub(crate) const SYSTEM: &str = r#"ondol: 1
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
logs:
  - { files: "/var/log/pay/*.log", service: pay.worker, from: start }
"#;

pub(crate) const ROWS: &[Row] = &[
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
    // Log files.
    row("/var/log/pay/*.log", "", 24, 14, Code::BadPattern, "write a path"),
    row("pay/*.log", "pay/", 24, 14, Code::BadPattern, "add `*.log`"),
    row("pay/*.log", "pay/[a.log", 24, 14, Code::BadPattern, "`[` needs its `]`"),
    row("pay/*.log", "pay**.log", 24, 14, Code::BadPattern, "stands alone"),
    row("pay.worker", "\"\"", 24, 45, Code::BadName, "1 to 256 bytes"),
    row("from: start", "instance: \"\\n\"", 24, 67, Code::BadName, "1 to 256 bytes"),
    row("from: start", "from: begin", 24, 63, Code::UnknownChoice, "start"),
];
