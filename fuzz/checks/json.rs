//! JSON from anywhere as input and output of a saga, as a plan through the API, and as a stored definition.
//!
//! What a path copies is compared with the tree that serde_json builds.

use std::sync::LazyLock;

use ondol_core::StepId;
use ondol_spec::{Definition, Scope, System, lint, plan};
use serde_json::Value;
use serde_json::value::RawValue;

/// Paths as they stand in a file, and as RFC 6901 writes them.
const PATHS: [(&str, &str); 10] = [
    ("input", ""),
    ("input.a", "/a"),
    ("input.a.b", "/a/b"),
    ("input.a.a.a.a", "/a/a/a/a"),
    ("input['a-b']", "/a-b"),
    ("input[0]", "/0"),
    ("input[1].a", "/1/a"),
    ("input.list[2]", "/list/2"),
    ("steps.one.output", ""),
    ("steps.one.output.a[0]", "/a/0"),
];

/// Expressions that compute something of which the tree knows the answer too.
const COMPUTED: [&str; 5] =
    ["[input.a]", "has(input.a)", "size(input.list)", "input.list.map(x, x)", "{'k': input}"];

static SYSTEM: LazyLock<System> = LazyLock::new(|| {
    let sources = PATHS.iter().map(|(path, _)| *path).chain(COMPUTED);
    let saga = |(at, source)| {
        format!(
            "  s{at}: {{ steps: [{{ name: one, action: a POST /, compensate: none }}], output: \"${{{{ {source} }}}}\" }}\n"
        )
    };
    let sagas: String = sources.enumerate().map(saga).collect();
    let file =
        format!("ondol: 1\nservices: {{ a: {{ url: 'http://a:1', barrier: true }} }}\nsagas:\n{sagas}");
    lint(&file).system.unwrap_or_else(|| panic!("{}", lint(&file).render("ondol.yaml", &file)))
});

/// Any bytes.
pub(crate) fn check(data: &[u8]) {
    paths(data);
    ondol_spec::fuzz::canonical(data);
    if let Ok(source) = std::str::from_utf8(data) {
        inline(source);
    }
}

/// What saga `at` puts out with these bytes as input and as the output of its step.
fn output(at: usize, data: &[u8]) -> Option<Vec<u8>> {
    let definition = SYSTEM.definitions.get(&format!("s{at}")).expect("every source has a saga");
    let outputs = |_: StepId| Some(data);
    let scope = Scope { input: data, outputs: &outputs, saga_id: "id", run: "run" };
    let given = definition.output(&scope);
    assert_eq!(given, definition.output(&scope), "the same scope, the same output");
    given.ok()
}

fn paths(data: &[u8]) {
    let tree: Option<Value> = serde_json::from_slice(data).ok();
    let is_json = serde_json::from_slice::<&RawValue>(data).is_ok();
    for (at, (path, pointer)) in PATHS.iter().enumerate() {
        let given = output(at, data);
        assert!(is_json || given.is_none(), "{path} reads what is no JSON");
        let Some(tree) = &tree else { continue };
        let expected = follow(tree, pointer);
        let given: Option<Value> =
            given.map(|json| serde_json::from_slice(&json).expect("a part of JSON is JSON"));
        assert_eq!(given.as_ref(), expected, "{path}");
    }
    if let Some(tree) = tree.filter(|_| !has_negative_zero(data)) {
        computed(&tree, data);
    }
}

/// CEL's integers have no negative zero; everything else survives.
fn has_negative_zero(data: &[u8]) -> bool {
    data.windows(2).any(|pair| pair == b"-0")
}

/// An index and a key look alike in RFC 6901 and not in a path; so a key in [`PATHS`] is never a number.
fn follow<'v>(tree: &'v Value, pointer: &str) -> Option<&'v Value> {
    pointer.split('/').skip(1).try_fold(tree, |value, segment| match (value, segment.parse::<usize>()) {
        (Value::Array(items), Ok(at)) => items.get(at),
        (Value::Object(map), Err(_)) => map.get(segment),
        _ => None,
    })
}

/// Where CEL has an answer (it has none for numbers beyond its own, or beyond a bound) it is the right one.
fn computed(tree: &Value, data: &[u8]) {
    let wrap = |value: &Value| Value::Array(vec![value.clone()]);
    let list = tree.get("list");
    let size = match list {
        Some(Value::Array(items)) => Some(items.len()),
        Some(Value::Object(map)) => Some(map.len()),
        Some(Value::String(text)) => Some(text.chars().count()),
        _ => None,
    };
    let expected = [
        tree.get("a").map(wrap),
        tree.as_object().map(|map| map.contains_key("a").into()),
        size.map(Value::from),
        list.filter(|list| list.is_array()).cloned(),
        Some(Value::Object([("k".to_owned(), tree.clone())].into_iter().collect())),
    ];
    for (at, (source, expected)) in COMPUTED.iter().zip(expected).enumerate() {
        let Some(given) = output(PATHS.len() + at, data) else { continue };
        let given: Value = serde_json::from_slice(&given).expect("what is computed is JSON");
        if *source == "input.list.map(x, x)" && list.is_some_and(Value::is_object) {
            continue; // The keys of a mapping; in which order is compared above, between two evaluations.
        }
        let right = expected.as_ref().is_some_and(|expected| alike(&given, expected));
        assert!(right, "{source} is {given}, and not {expected:?}");
    }
}

/// Equal, but for the last bits of a double: serde_json rounds quickly and not always rightly.
fn alike(given: &Value, expected: &Value) -> bool {
    match (given, expected) {
        (Value::Number(given), Value::Number(expected)) if given.is_f64() && expected.is_f64() => {
            let (given, expected) = (given.as_f64().unwrap_or(0.0), expected.as_f64().unwrap_or(1.0));
            (given - expected).abs() <= expected.abs() * 4.0 * f64::EPSILON + f64::MIN_POSITIVE
        }
        (Value::Array(given), Value::Array(expected)) => {
            given.len() == expected.len() && given.iter().zip(expected).all(|(g, e)| alike(g, e))
        }
        (Value::Object(given), Value::Object(expected)) => {
            let found = |(key, value): (&String, &Value)| {
                expected.get(key).is_some_and(|expected| alike(value, expected))
            };
            given.len() == expected.len() && given.iter().all(found)
        }
        (given, expected) => given == expected,
    }
}

/// A plan through the API: refused with findings, or stored and read back unchanged.
fn inline(source: &str) {
    let Ok(definition) = plan(source, "inline", &SYSTEM).inspect_err(|findings| {
        assert!(!findings.is_empty(), "a refusal has a reason");
    }) else {
        return;
    };
    ondol_spec::fuzz::canonical(definition.canonical().as_bytes());
    let again = Definition::from_canonical(definition.canonical()).expect("what was written can be read");
    assert_eq!(again.digest(), definition.digest(), "reading back changes nothing");
    assert!(serde_json::from_str::<&RawValue>(definition.canonical()).is_ok(), "the stored form is JSON");
}
