//! An expression from anywhere, alone and in each place of a small system file that may have one.
//!
//! The places must agree with each other: a body carries the value, a query and a path its text, percent-encoded.
//! Everything is rendered twice, since two attempts of one call must send the same bytes.

use std::collections::BTreeMap;

use ondol_core::{Half, StepId};
use ondol_spec::{Definition, Rendered, Scope, Secrets, lint};
use percent_encoding::percent_decode_str;
use serde_json::Value;

const INPUT: &str = r#"{"a":{"b":[1,2.50,"x/y"],"a-b":"é"},"list":[3,1,2],"n":7,"price":1.50,"big":12345678901234567890123,
"max":9223372036854775807,"s":"plain","e":"q\"\\\n\u0000","none":null,"yes":true,"empty":"","dot":".","m":{"k1":1,"k2":2,"k3":3,"k4":4}}"#;

const OUTPUT: &str = r#"{"user":"kim","id":7,"items":[{"n":1},{"n":2}]}"#;

/// The least file with an expression, to refuse most of them early: compiling one is slow.
const OUTPUT_ONLY: &str = r#"ondol: 1
services: { a: { url: "http://a:1", barrier: true } }
sagas:
  s:
    steps:
      - { name: a, action: a POST /one, compensate: none }
      - { name: hold-seat, action: a POST /two, compensate: none }
    output: @
"#;

/// Every place where only values may stand.
const VALUES: &str = r#"ondol: 1
services: { a: { url: "http://a:1", barrier: true } }
sagas:
  s:
    steps:
      - { name: a, action: a POST /one, compensate: none }
      - { name: hold-seat, action: a POST /two, compensate: { call: "a DELETE /two", body: { v: @ } } }
      - { name: if, after: [hold-seat], if: @, action: a POST /three, compensate: none }
      - { name: text, after: [hold-seat], action: { call: a POST /four, body: [@text] }, compensate: none }
      - { name: query, after: [hold-seat], action: { call: a DELETE /five, query: { q: @ } }, compensate: none }
      - { name: path, after: [hold-seat], action: @path, compensate: none }
    output: @
"#;

/// Where a secret may stand too.
const HEADER: &str = r#"ondol: 1
services: { a: { url: "http://a:1", barrier: true } }
secrets: { KEY: { env: K } }
sagas:
  s:
    steps:
      - { name: a, action: a POST /one, compensate: none }
      - { name: hold-seat, action: { call: a POST /two, headers: { x-a: @, x-b: @text } }, compensate: none }
"#;
const SERVICE: &str = r#"ondol: 1
services: { a: { url: "http://a:1", barrier: true, headers: { x-a: @, x-b: @text } } }
secrets: { KEY: { env: K } }
"#;

const HOLD_SEAT: StepId = 1;
const IF: StepId = 2;
const TEXT: StepId = 3;
const QUERY: StepId = 4;
const PATH: StepId = 5;

/// An expression, and behind the first line break the input that it is evaluated with; without one, a fixed input.
pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (source, input) = text.split_once('\n').unwrap_or((&text, INPUT));
    ondol_spec::fuzz::expression(format!("{source}\n{input}").as_bytes());
    let outputs = |_: StepId| Some(OUTPUT.as_bytes());
    let scope = Scope { input: input.as_bytes(), outputs: &outputs, saga_id: "saga/1", run: "r1" };
    let is_value = compile(OUTPUT_ONLY, source).is_some();
    if let Some(definition) = is_value.then(|| compile(VALUES, source)).flatten() {
        places(&definition, &scope);
    }
    if is_value || source.contains("secrets") {
        if let Some(definition) = compile(HEADER, source) {
            let _ = render(&definition, HOLD_SEAT, Half::Action, &scope);
        }
        let report = lint(&file(SERVICE, source));
        for service in report.system.iter().flat_map(|system| system.services.values()) {
            let _ = service.headers(&secrets());
        }
    }
}

/// The template with the expression in every place; a JSON string is a YAML one, mostly.
fn file(template: &str, source: &str) -> String {
    let quoted = |text: String| serde_json::to_string(&text).expect("a text is JSON");
    template
        .replace("@text", &quoted(format!("a ${{{{ {source} }}}} b")))
        .replace("@path", &quoted(format!("a POST /x/${{{{ {source} }}}}/y")))
        .replace('@', &quoted(format!("${{{{ {source} }}}}")))
}

/// The saga of the file, read back from its stored form.
fn compile(template: &str, source: &str) -> Option<Definition> {
    let system = lint(&file(template, source)).system?;
    let compiled = system.definitions.get("s")?;
    let again = Definition::from_canonical(compiled.canonical()).expect("what was written can be read");
    assert_eq!(&again, &**compiled, "reading back changes nothing");
    Some(again)
}

fn secrets() -> Secrets {
    Secrets::new(BTreeMap::from([("KEY".to_owned(), "hush".to_owned())]))
}

/// A request, if there is one; always the same one, and one that can be sent.
fn render<'d>(
    definition: &'d Definition,
    step: StepId,
    half: Half,
    scope: &Scope<'_>,
) -> Option<Rendered<'d>> {
    let rendered = definition.request(step, half, scope, &secrets());
    assert_eq!(rendered, definition.request(step, half, scope, &secrets()), "the same scope, the same bytes");
    let rendered = rendered.ok()?;
    let path = &rendered.path_and_query;
    assert!(path.starts_with('/') && path.bytes().all(|b| b.is_ascii_graphic() && b != b'#'), "{path}");
    let mut segments = path.split(['/', '?']).map(|segment| percent_decode_str(segment).collect::<Vec<u8>>());
    assert!(!segments.any(|segment| matches!(&segment[..], b"." | b"..")), "{path} is another path");
    assert!(rendered.body.is_empty() || is_json(&rendered.body), "a body is JSON");
    for (name, value) in &rendered.headers {
        assert!(!value.chars().any(|c| c.is_control() && c != '\t'), "{name} is one line");
    }
    Some(rendered)
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<&serde_json::value::RawValue>(bytes).is_ok()
}

/// Every place gives what the output gives.
fn places(definition: &Definition, scope: &Scope<'_>) {
    let value = definition.output(scope);
    assert_eq!(value, definition.output(scope), "the same scope, the same output");
    let condition = definition.condition(IF, scope);
    assert_eq!(condition, definition.condition(IF, scope), "the same scope, the same answer");
    let Ok(value) = value else {
        assert!(condition.is_err(), "no value, no answer");
        return;
    };
    assert!(is_json(&value), "an output is JSON");
    assert_eq!(
        condition.ok(),
        match &value[..] {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    );
    let undo = render(definition, HOLD_SEAT, Half::Compensation, scope).map(|rendered| rendered.body);
    if let Some(body) = undo {
        assert_eq!(body, [&b"{\"v\":"[..], &value, b"}"].concat(), "a body carries the value as it is");
    }
    let Some(text) = as_text(&value) else { return };
    if let Some(rendered) = render(definition, TEXT, Half::Action, scope) {
        let body: Value = serde_json::from_slice(&rendered.body).expect("a text is JSON that can be read");
        assert_eq!(body[0], format!("a {text} b"), "a text has the value inserted");
    }
    if let Some(rendered) = render(definition, QUERY, Half::Action, scope) {
        assert_eq!(decoded(rendered.path_and_query.strip_prefix("/five?q=")), text, "a query");
    }
    if let Some(rendered) = render(definition, PATH, Half::Action, scope) {
        let segment = rendered.path_and_query.strip_prefix("/x/").and_then(|rest| rest.strip_suffix("/y"));
        assert!(!segment.is_some_and(|segment| segment.contains('/')), "one segment");
        assert_eq!(decoded(segment), text, "a path");
    }
}

fn decoded(encoded: Option<&str>) -> String {
    let encoded = encoded.expect("what is around the value stays");
    percent_decode_str(encoded).decode_utf8().expect("a text").into_owned()
}

/// A string without its quotes; numbers and booleans as written; nothing else can be inserted into text.
fn as_text(json: &[u8]) -> Option<String> {
    match json.first()? {
        b'"' => serde_json::from_slice(json).ok(),
        b'{' | b'[' | b'n' => None,
        _ => String::from_utf8(json.to_vec()).ok(),
    }
}
