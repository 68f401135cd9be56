//! What is rendered: requests, conditions, outputs, and the errors that name what is missing.

use std::collections::BTreeMap;

use ondol_core::{Half, StepId};
use ondol_spec::{Definition, Scope, Secrets, System, lint, plan};

const INPUT: &str = r#"{"flight":"LH 1/2","seat":"12A","price":1.50,"big":123456789012345678901234567890,
  "list":[1,{"x":"é"},[]],"none":null,"empty":"","dot":".","yes":true,"count":3,"max":9223372036854775807,"least":-9223372036854775808,
  "nested":{"a":{"b":"deep"},"a-b":"hyphen"},"s":"q\"\\\n","text":"plain"}"#;

const OUTPUT: &str = r#"{"user":"kim","id":7,"items":[{"n":1},{"n":2}]}"#;

fn system(action: &str, condition: &str, output: &str) -> String {
    format!(
        "ondol: 1\nservices: {{ a: {{ url: 'http://a:1', barrier: true }} }}\nsecrets: {{ KEY: {{ env: K }} }}\nsagas:\n  s:\n    \
         steps:\n      - name: one-two\n        action: a POST /one\n        compensate: none\n      - name: two\n        \
         if: {condition}\n        action: {action}\n        compensate: none\n    output: {output}\n"
    )
}

fn compile(source: &str) -> System {
    let report = lint(source);
    report.system.clone().unwrap_or_else(|| panic!("{}", report.render("ondol.yaml", source)))
}

fn definition(source: &str) -> Definition {
    let system = compile(source);
    Definition::from_canonical(system.definitions["s"].canonical()).expect("stored and read")
}

fn scope<'a>(outputs: &'a dyn Fn(StepId) -> Option<&'a [u8]>) -> Scope<'a> {
    Scope { input: INPUT.as_bytes(), outputs, saga_id: "saga/1", run: "r1" }
}

fn secrets() -> Secrets {
    Secrets::new(BTreeMap::from([("KEY".to_owned(), "hush".to_owned())]))
}

/// The output of a template, as text.
fn output(template: &str) -> Result<String, String> {
    let definition = definition(&system("a POST /two", "'${{ true }}'", template));
    let outputs = |step: StepId| (step == 0).then_some(OUTPUT.as_bytes());
    let rendered = definition.output(&scope(&outputs));
    rendered.map(|bytes| String::from_utf8(bytes).expect("UTF-8")).map_err(|error| error.to_string())
}

fn check(template: &str, json: &str) {
    assert_eq!(output(template).as_deref(), Ok(json), "{template}");
}

fn check_error(template: &str, message: &str) {
    let error = output(template).expect_err(template);
    assert!(error.contains(message), "{template}: no {message:?} in {error:?}");
}

#[test]
fn a_path_copies_raw_json() {
    check("'${{ input.price }}'", "1.50");
    check("'${{ input.big }}'", "123456789012345678901234567890");
    check("'${{input.list}}'", "[1,{\"x\":\"é\"},[]]");
    check("'${{ input.list[1].x }}'", "\"é\"");
    check("'${{ input[\"nested\"][\"a-b\"] }}'", "\"hyphen\"");
    check("'${{ input.none }}'", "null");
    check("'${{ input.s }}'", r#""q\"\\\n""#);
    check("'${{ steps.one-two.output.items[1] }}'", "{\"n\":2}");
    check("'${{ saga.id }}'", "\"saga/1\"");
    check("'${{ saga.run }}'", "\"r1\"");
    check(
        "{ a: ['${{ input.count }}', 1.0, x], b: { c: '${{ input.yes }}' } }",
        r#"{"a":[3,1.0,"x"],"b":{"c":true}}"#,
    );
    check("{ z: 1, a: 2 }", r#"{"z":1,"a":2}"#);
    check("plain", "\"plain\"");
}

#[test]
fn values_are_inserted_into_text() {
    check("'seat ${{ input.seat }} for ${{ input.price }}'", "\"seat 12A for 1.50\"");
    check("'${{ input.yes }}${{ input.s }}'", r#""trueq\"\\\n""#);
    check("' ${{ input.seat }}'", "\" 12A\"");
    check_error("'a ${{ input.none }}'", "the value is null");
    check_error("'a ${{ input.list }}'", "the value is a list");
    check_error("'a ${{ input.nested }}'", "the value is a mapping");
}

#[test]
fn expressions_compute() {
    check("'${{ input.count * 2 + 1 }}'", "7");
    check("'${{ input.price * 2.0 }}'", "3.0");
    check("'${{ input.seat + \"-\" + steps.one-two.output.user }}'", "\"12A-kim\"");
    check("'${{ input.count > 2 ? \"many\" : input.absent }}'", "\"many\"");
    check("'${{ has(input.absent) ? input.absent : \"none\" }}'", "\"none\"");
    check("'${{ has(input.none) }}'", "true");
    check("'${{ has(input.nested.a.b) && input.nested.a.b == \"deep\" }}'", "true");
    check("'${{ steps.one-two.output.items.map(i, i.n * 10) }}'", "[10,20]");
    check("'${{ steps.one-two.output.items.exists(i, i.n == steps.one-two.output.id - 5) }}'", "true");
    check("'${{ {\"b\": input.count, \"a\": [saga.id]} }}'", r#"{"a":["saga/1"],"b":3}"#);
    check("'${{ size(input.list) }}'", "3");
    check("'${{ input.none == null }}'", "true");
    check("'${{ input.absent == 1 || input.yes }}'", "true");
    check("'${{ int(\"5\") + 1 }}'", "6");
    check("'${{ input.list[input.count - 3] }}'", "1");
    check("'${{ \"é}}\" + \"}\" }}'", "\"é}}}\"");
    check(
        "'${{ {\"d\": 1, \"b\": 2, \"a\": 3, \"e\": 4, \"c\": 5}.map(k, k) }}'",
        r#"["a","b","c","d","e"]"#,
    );
    check("'${{ input.nested.filter(k, true) }}'", r#"["a","a-b"]"#);
}

#[test]
fn what_is_missing_is_named() {
    check_error("'${{ input.sea }}'", "sagas.s.output: `input.sea` is missing; `input` has `flight`, `seat`");
    check_error("{ a: [x, { b: '${{ input.sea }}' }] }", "sagas.s.output.a[1].b: `input.sea`");
    check_error("'${{ input.nested.x }}'", "`input.nested` has `a`, `a-b`");
    check_error("'${{ input.seat.x }}'", "`input.seat` is text");
    check_error("'${{ input.list[3] }}'", "`input.list` has 3 elements, counted from 0");
    check_error("'${{ input.list.x }}'", "`input.list` is a list");
    check_error("'${{ steps.two.output }}'", "steps.two.output does not exist yet");
    check_error("'${{ input.sea + \"x\" }}'", "`input.sea` is missing; `input` has");
    check_error("'${{ steps.one-two.output.items.map(i, i.x) }}'", "the key `x` is missing");
    check_error("'${{ input.seat + 1 }}'", "`+` cannot take the text `12A` and 1");
    check_error("'${{ 1 % input.nested }}'", "`%` cannot take 1 and a mapping");
    check_error(
        "'${{ input.price * 2 }}'",
        "`*` cannot take 1.5 and 2: int and double do not mix; write 2.0",
    );
    check_error("'${{ -input.seat }}'", "`-` cannot take text");
    check_error("'${{ -input.least }}'", "--9223372036854775808 has more than 64 bits");
    check_error("'${{ !input.count }}'", "`!` cannot take a whole number (int)");
    check_error("'${{ input.seat ? 1 : 2 }}'", "true or false is needed here, and this is text");
    check_error("'${{ input.seat && input.yes }}'", "true or false");
    check_error("'${{ size(input.count) }}'", "`size` cannot take a whole number (int)");
    check_error("'${{ input.list[input.count] }}'", "there is no element 3");
    check_error("'${{ input.count / 0 }}'", "3 is divided by zero");
    check_error("'${{ input.big + 1 }}'", "more than 64 bits");
    check_error("'${{ input.max + 1 }}'", "9223372036854775807 + 1 has more than 64 bits");
    check_error("'${{ {1: 2} }}'", "not text");
    check_error("'${{ 1.0 / 0.0 }}'", "cannot be written in JSON");
    check_error("'${{ bytes(\"x\") }}'", "cannot be written in JSON");
}

#[test]
fn conditions_are_true_or_false() {
    let check = |condition: &str, answer: Result<bool, &str>| {
        let definition = definition(&system("a POST /two", condition, "x"));
        let given = definition.condition(1, &scope(&|_| None)).map_err(|error| error.to_string());
        match (given, answer) {
            (Ok(given), Ok(answer)) => assert_eq!(given, answer, "{condition}"),
            (Err(given), Err(part)) => assert!(given.contains(part), "{condition}: {given}"),
            (given, answer) => panic!("{condition}: {given:?} is not {answer:?}"),
        }
    };
    check("'${{ input.yes }}'", Ok(true));
    check("'${{ input.count > 3 }}'", Ok(false));
    check("'${{ input.count }}'", Err("sagas.s.steps[1].if: the condition is `3`, neither true nor false"));
    check("'${{ input.absent }}'", Err("`input.absent` is missing"));
    let unconditional = definition(&system("a POST /two", "'${{ true }}'", "x"));
    assert_eq!(unconditional.condition(0, &scope(&|_| None)), Ok(true));
}

/// What is sent, as owned values: service, method and path in one line, then the body, the headers and the digest.
struct Sent {
    line: String,
    body: String,
    headers: Vec<(String, String)>,
    digest: u128,
}

fn request(action: &str) -> Result<Sent, String> {
    let definition = definition(&system(action, "'${{ true }}'", "x"));
    let outputs = |step: StepId| (step == 0).then_some(OUTPUT.as_bytes());
    let rendered = definition.request(1, Half::Action, &scope(&outputs), &secrets());
    let rendered = rendered.map_err(|error| error.to_string())?;
    assert!(!format!("{rendered:?}").contains("hush"), "secrets are not shown");
    let line = format!("{} {} {}", rendered.service, rendered.method, rendered.path_and_query);
    let body = String::from_utf8(rendered.body).expect("UTF-8");
    Ok(Sent { line, body, headers: rendered.headers, digest: rendered.digest })
}

#[test]
fn requests_are_encoded() {
    let check = |action: &str, line: &str, body: &str| {
        let sent = request(action).unwrap_or_else(|error| panic!("{action}: {error}"));
        assert_eq!((sent.line.as_str(), sent.body.as_str()), (line, body), "{action}");
    };
    check("a POST /f/${{ input.flight }}/x", "a POST /f/LH%201%2F2/x", "{}");
    check("a GET /f/${{ saga.id }}", "a GET /f/saga%2F1", "");
    check("a DELETE /f-${{ input.price }}-${{ input.nested.a.b }}", "a DELETE /f-1.50-deep", "");
    check("a PATCH /x%20y/%C3%A9", "a PATCH /x%20y/%C3%A9", "{}");
    check("{ call: a POST /f, body: null }", "a POST /f", "null");
    check("{ call: a POST /f, body: '${{ input.none }}' }", "a POST /f", "null");
    check(
        "{ call: a GET /f, query: { q: 'a&b=${{ input.flight }}', 'n/1': 3, b: true } }",
        "a GET /f?b=true&n%2F1=3&q=a%26b%3DLH%201%2F2",
        "",
    );
    check(
        "{ call: a PUT /f, body: { p: '${{ input.price }}', b: '${{ input.big }}', k: 1.10 } }",
        "a PUT /f",
        r#"{"p":1.50,"b":123456789012345678901234567890,"k":1.10}"#,
    );
}

#[test]
fn requests_that_cannot_be() {
    let check = |action: &str, message: &str| {
        let Err(error) = request(action) else { panic!("{action} was rendered") };
        assert!(error.contains(message), "{action}: no {message:?} in {error:?}");
    };
    check("a POST /f/${{ input.none }}", "sagas.s.steps[1].action.call: the value is null");
    check("a POST /f/${{ input.empty }}", "the value is \"\"");
    check("a POST /f/${{ input.dot }}", "the value is \".\"");
    check("a POST /f/.${{ input.dot }}", "another path");
    check("a POST /f/${{ input.list }}", "the value is a list");
    check("{ call: a POST /f, query: { q: '${{ input.none }}' } }", "action.query.q: the value is null");
    check(
        "{ call: a POST /f, headers: { x-a: '${{ input.s }}' } }",
        "action.headers.x-a: the value of a header",
    );
    check("{ call: a POST /f, body: { a: ['${{ input.b }}'] } }", "action.body.a[0]: `input.b` is missing");
}

#[test]
fn secrets_are_in_headers_and_nowhere_else() {
    let action = "{ call: a POST /f, headers: { X-Key: 'k ${{ secrets.KEY }} ${{ input.seat }}' } }";
    let Sent { headers, digest, .. } = request(action).unwrap_or_else(|error| panic!("{error}"));
    let json = ("content-type".to_owned(), "application/json".to_owned());
    assert_eq!(headers, [("x-key".to_owned(), "k hush 12A".to_owned()), json]);
    let definition = definition(&system(action, "'${{ true }}'", "x"));
    let other = Secrets::new(BTreeMap::from([("KEY".to_owned(), "other".to_owned())]));
    let again = definition.request(1, Half::Action, &scope(&|_| None), &other).expect("renders");
    assert_eq!(again.digest, digest, "a secret may change between two attempts");
    let error =
        definition.request(1, Half::Action, &scope(&|_| None), &Secrets::default()).expect_err("no secret");
    assert!(error.message.contains("the secret `KEY` has no value"), "{error}");
    assert!(!definition.canonical().contains("hush"));
    assert!(definition.canonical().contains("\"x-key\""), "another case is no other version");
}

#[test]
fn the_digest_covers_what_is_sent() {
    let digest = |action: &str| request(action).unwrap_or_else(|error| panic!("{action}: {error}")).digest;
    let base = digest("{ call: a POST /f, headers: { x: '1' }, query: { q: 1 }, body: { b: 1 } }");
    assert_eq!(
        base,
        digest("{ call: a POST /f, headers: { X: '1' }, query: { q: '1' }, body: { b: 1 }, timeout: 9s }")
    );
    for other in [
        "{ call: a PUT /f, headers: { x: '1' }, query: { q: 1 }, body: { b: 1 } }",
        "{ call: a POST /g, headers: { x: '1' }, query: { q: 1 }, body: { b: 1 } }",
        "{ call: a POST /f, headers: { x: '2' }, query: { q: 1 }, body: { b: 1 } }",
        "{ call: a POST /f, headers: { x: '1' }, query: { q: 2 }, body: { b: 1 } }",
        "{ call: a POST /f, headers: { x: '1' }, query: { q: 1 }, body: { b: 2 } }",
    ] {
        assert_ne!(base, digest(other), "{other}");
    }
}

#[test]
fn the_stored_form_is_stable() {
    let system = compile(include_str!("fixtures/design.yaml"));
    let definition = &system.definitions["book-flight"];
    insta::assert_snapshot!(definition.canonical().replace("},{\"name\"", "},\n{\"name\""), @r#"
{"format":1,"name":"book-flight","timeout_ms":120000,"steps":[{"name":"authenticate","after":[],"action":{"service":"auth","method":"POST","path":"/sessions/verify","body":{"token":"${{ input.token }}"},"retry":{"attempts":5,"first_ms":200,"factor_percent":200,"max_ms":10000}}},
{"name":"hold-seat","after":[0],"action":{"service":"flight","method":"POST","path":"/flights/${{ input.flight }}/seats/${{ input.seat }}/hold","retry":{"attempts":5,"first_ms":200,"factor_percent":200,"max_ms":10000}},"compensation":{"service":"flight","method":"POST","path":"/flights/${{ input.flight }}/seats/${{ input.seat }}/release","retry":{"first_ms":1000,"factor_percent":200,"max_ms":60000}}},
{"name":"reserve","after":[1],"action":{"service":"reservation","method":"PUT","path":"/reservations/${{ saga.id }}","body":{"user":"${{ steps.authenticate.output.user }}","seat":"${{ input.seat }}"},"retry":{"attempts":5,"first_ms":200,"factor_percent":200,"max_ms":10000}},"compensation":{"service":"reservation","method":"DELETE","path":"/reservations/${{ saga.id }}","accept":[404],"retry":{"attempts":5,"first_ms":200,"factor_percent":200,"max_ms":10000}}},
{"name":"pay","after":[2],"pivot":true,"action":{"service":"payment","method":"POST","path":"/charges","body":{"amount":"${{ input.price }}","reference":"${{ saga.id }}"},"retry":{"first_ms":1000,"factor_percent":200,"max_ms":60000}}},
{"name":"confirm","after":[3],"action":{"service":"reservation","method":"POST","path":"/reservations/${{ saga.id }}/confirm","retry":{"first_ms":1000,"factor_percent":200,"max_ms":60000}}}],"output":{"reservation":"${{ saga.id }}"},"notify":["completed","compensated","parked"]}
"#);
    let again = Definition::from_canonical(definition.canonical()).expect("readable");
    assert_eq!(again.plan(), definition.plan());
    assert_eq!(again.digest(), definition.digest());
    // What is live is not in it.
    let moved =
        include_str!("fixtures/design.yaml").replace("127.0.0.1", "10.0.0.1").replace("300ms", "400ms");
    assert_eq!(compile(&moved).definitions["book-flight"].digest(), definition.digest());
    let slower = include_str!("fixtures/design.yaml").replace("timeout: 2m", "timeout: 3m");
    assert_ne!(compile(&slower).definitions["book-flight"].digest(), definition.digest());
}

#[test]
fn a_stored_form_that_was_damaged_is_refused() {
    let system = compile(include_str!("fixtures/design.yaml"));
    let canonical = system.definitions["book-flight"].canonical();
    let check = |from: &str, to: &str, message: &str| {
        let error = Definition::from_canonical(&canonical.replace(from, to)).expect_err(to).to_string();
        assert!(error.contains(message), "{error}");
    };
    check("\"format\":1", "\"format\":2", "its format is 2");
    check("\"timeout_ms\":120000", "\"timeout_ms\":0", "a timeout is 1 to");
    check("input.token", "token +", "the expression cannot be parsed");
    check("\"POST\"", "\"post\"", "not a method");
    check("{\"format\"", "[{\"format\"", "not JSON");
}

#[test]
fn a_plan_through_the_api_is_a_saga() {
    let system = compile(include_str!("fixtures/design.yaml"));
    let json = r#"{"steps":[{"name":"a","action":"flight POST /x/${{ input.id }}","compensate":"none"}],
        "output":{"n":1.50,"e":"\ud83d\ude00"},"notify":{"events":["parked"],"webhook":"http://127.0.0.1:1/x"}}"#;
    let definition = plan(json, "inline", &system).expect("valid");
    assert_eq!(definition.name(), "inline");
    assert_eq!(definition.webhook().map(ToString::to_string).as_deref(), Some("http://127.0.0.1:1/x"));
    let again = Definition::from_canonical(definition.canonical()).expect("readable");
    assert_eq!(again.webhook(), definition.webhook());
    let rendered = again.output(&scope(&|_| None)).expect("constant");
    assert_eq!(String::from_utf8(rendered).expect("UTF-8"), "{\"n\":1.50,\"e\":\"😀\"}");
    let check = |json: &str, expected: &str| {
        let findings = plan(json, "inline", &system).expect_err(json);
        let shown: Vec<String> =
            findings.iter().map(|f| format!("{}:{} {} {}", f.at.line, f.at.column, f.code, f.path)).collect();
        assert_eq!(shown.join("\n"), expected, "{json}");
    };
    check("{", "1:1 syntax ");
    check("[]", "1:1 wrong_type ");
    check("{\"steps\":[],\n \"x\":1}", "1:10 out_of_bounds steps\n2:6 unknown_key x");
    check(
        "{\"steps\":[{\"name\":\"a\",\n\"action\":\"nobody POST /\"}]}",
        "1:11 no_compensation steps[0]\n2:11 unknown_service steps[0].action",
    );
    check("{\"steps\":1,\"steps\":2}", "1:20 duplicate_key ");
}

#[test]
fn what_the_runtime_asks_of_a_system() {
    let system = compile(include_str!("fixtures/design.yaml"));
    let definition = &system.definitions["book-flight"];
    assert_eq!(
        definition.services().into_iter().collect::<Vec<_>>(),
        ["auth", "flight", "payment", "reservation"]
    );
    assert_eq!(
        system.webhook("book-flight").map(ToString::to_string).as_deref(),
        Some("http://127.0.0.1:7105/outcomes")
    );
    assert_eq!(system.secrets_used().into_iter().collect::<Vec<_>>(), ["PAYMENT"]);
    let flight = &system.services["flight"];
    assert_eq!((flight.connect_ms, flight.response_ms, flight.barrier), (300, 2_000, true));
    let secrets = Secrets::new(BTreeMap::from([("PAYMENT".to_owned(), "demo".to_owned())]));
    let headers = system.services["payment"].headers(&secrets).expect("has a value");
    assert_eq!(headers, [("authorization".to_owned(), "Bearer demo".to_owned())]);
    assert!(system.services["payment"].headers(&Secrets::default()).is_err());
    let plan = definition.plan();
    let reserve = plan.find("reserve").expect("a step");
    let step = plan.step(reserve).expect("a step");
    assert_eq!(step.action.attempts_max, Some(5));
    assert_eq!(step.compensation.map(|retry| retry.first_ms), Some(200));
    let pay = plan.pivot().and_then(|pivot| plan.step(pivot)).expect("the pivot");
    assert_eq!(pay.action, ondol_core::Retry::PERSISTENT);
    let cancel = definition.call(reserve, Half::Compensation).expect("a compensation");
    assert_eq!((cancel.accept(), cancel.service()), (&[404][..], "reservation"));
}
