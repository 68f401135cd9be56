//! Whatever comes in: no panic, no hang, no overflow; and paths agree with a reader that builds the whole tree.

use std::fmt::Write as _;

use ondol_core::StepId;
use ondol_spec::{Definition, Scope, System, fuzz, lint, plan};
use proptest::prelude::*;
use serde_json::Value;

const BASE: &str = include_str!("fixtures/design.yaml");
const CALLS: &str = include_str!("fixtures/calls.yaml");

fn with_output(template: &str) -> String {
    BASE.replace("output: { reservation: \"${{ saga.id }}\" }", &format!("output: {template}"))
}

fn definition(source: &str) -> Option<Definition> {
    let system: System = lint(source).system?;
    Definition::from_canonical(system.definitions["book-flight"].canonical()).ok()
}

fn output(definition: &Definition, input: &str) -> Result<String, String> {
    let outputs = |_: StepId| Some(&b"null"[..]);
    let scope = Scope { input: input.as_bytes(), outputs: &outputs, saga_id: "id", run: "run" };
    let bytes = definition.output(&scope).map_err(|error| error.message)?;
    Ok(String::from_utf8(bytes).expect("UTF-8"))
}

/// Any JSON, numbers that `f64` holds exactly, so that a tree can be compared.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every path of a value, as CEL writes it, with what is there.
fn paths(value: &Value, here: &str, found: &mut Vec<(String, Value)>) {
    found.push((here.to_owned(), value.clone()));
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let quoted = cel_string(key);
                paths(inner, &format!("{here}[{quoted}]"), found);
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                paths(inner, &format!("{here}[{at}]"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn cel_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => write!(out, "\\U{:08x}", u32::from(c)).expect("a string"),
            c => out.push(c),
        }
    }
    out + "\""
}

fn yaml_string(text: &str) -> String {
    serde_json::to_string(text).expect("JSON").replace("\\ud", "\\\\ud")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_linted(source in any::<String>()) {
        fuzz::lint(source.as_bytes());
        fuzz::canonical(source.as_bytes());
    }

    #[test]
    fn any_change_of_a_file_is_linted(at in any::<prop::sample::Index>(), length in 0_usize..40, put in "[-:{}\\[\\]$ \"'#&*!|>a0%.\n\t]{0,8}") {
        for base in [BASE, CALLS] {
            let at = at.index(base.len());
            let end = (at + length).min(base.len());
            if base.is_char_boundary(at) && base.is_char_boundary(end) {
                let source = format!("{}{put}{}", &base[..at], &base[end..]);
                fuzz::lint(source.as_bytes());
            }
        }
    }

    #[test]
    fn any_expression_is_compiled(source in "[a-z.\\[\\](){}?:+*/<>=!&|,'\"0-9 -]{0,60}") {
        fuzz::expression(format!("{source}\n{{\"a\":[1,2]}}").as_bytes());
        fuzz::expression(format!("input.{source}\n{{\"a\":[1,2]}}").as_bytes());
    }

    #[test]
    fn a_path_reads_what_a_tree_reads(value in json()) {
        let text = serde_json::to_string_pretty(&value).expect("JSON");
        let mut found = Vec::new();
        paths(&value, "input", &mut found);
        for (path, expected) in found.into_iter().take(8) {
            prop_assume!(path.len() < 1_000);
            let source = with_output(&yaml_string(&format!("${{{{ {path} }}}}")));
            let Some(definition) = definition(&source) else {
                return Err(TestCaseError::fail(lint(&source).render("ondol.yaml", &source)));
            };
            let given = output(&definition, &text).map_err(TestCaseError::fail)?;
            prop_assert_eq!(serde_json::from_str::<Value>(&given).expect("JSON"), expected);
        }
    }
}

#[test]
fn deep_and_long_files_are_refused_quickly() {
    for (open, close) in
        [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", ""), ("\"", "\""), ("&a ", ""), ("!a ", "")]
    {
        for depth in [63, 64, 65, 300, 50_000] {
            fuzz::lint(format!("{}1{}", open.repeat(depth), close.repeat(depth)).as_bytes());
        }
    }
    fuzz::lint("a:\n ".repeat(100_000).as_bytes());
    fuzz::lint(format!("ondol: 1\nsagas: {{{}}}", "a: 1, ".repeat(100_000)).as_bytes());
    let many: Vec<String> = (0..100_000).map(|n| format!("k{n}: 1")).collect();
    fuzz::lint(many.join("\n").as_bytes());
    // A name as long as a file is not compared with each of a thousand.
    let services: Vec<String> = (0..1_000).map(|n| format!("  s{n}: {{ url: 'http://a:1' }}")).collect();
    let step = format!("{{ name: a, action: {} POST /, compensate: none }}", "x".repeat(900_000));
    let services = services.join("\n");
    fuzz::lint(format!("ondol: 1\nservices:\n{services}\nsagas:\n  s: {{ steps: [{step}] }}\n").as_bytes());
    let deep = format!("{{\"steps\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
    let system = lint(BASE).system.expect("the sample is valid");
    assert!(plan(&deep, "p", &system).is_err());
    fuzz::canonical(deep.as_bytes());
}

#[test]
fn hostile_expressions_are_refused_or_evaluated() {
    let shapes =
        ["(", "[", "{1:", "!", "-", "size(", "a?b:", "1+", "a.", "a[", "a&&", "a==", "'a'+", "[1].map(x,"];
    for shape in shapes {
        for count in [1, 7, 8, 9, 30, 33, 500] {
            let source = shape.repeat(count);
            fuzz::expression(source.as_bytes());
            fuzz::expression(format!("{source}a").as_bytes());
            let closed: String =
                shape.chars().filter_map(|c| "([{".find(c).map(|at| [")", "]", "}"][at])).collect();
            fuzz::expression(format!("{source}1{}", closed.repeat(count)).as_bytes());
        }
    }
}

/// The thread that evaluates is an ordinary one, and this is a debug build.
#[test]
fn the_deepest_expression_is_evaluated_on_a_small_stack() {
    const STACK_BYTES: usize = 1 << 20;
    let deepest = [
        format!("input.n{}", " + input.n".repeat(23)),
        format!("{}input.n{}", "[".repeat(8), "]".repeat(8)),
        format!("input.list.map(x, x{})", " + x".repeat(18)),
    ];
    for source in deepest {
        let definition = definition(&with_output(&format!("'${{{{ {source} }}}}'"))).expect("compiles");
        let run = move || output(&definition, "{\"n\":1,\"list\":[1,2,3]}").map(drop);
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run).expect("a thread");
        assert_eq!(thread.join().expect("no overflow"), Ok(()), "{source}");
    }
}

#[test]
fn what_an_evaluation_reads_is_bounded() {
    let check = |expression: &str, input: &str, message: &str| {
        let definition = definition(&with_output(&format!("'${{{{ {expression} }}}}'"))).expect("compiles");
        let error = output(&definition, input).expect_err(expression);
        assert!(error.contains(message), "{expression}: {error}");
    };
    let text = "x".repeat(500_000);
    let long = format!("{{\"s\":\"{text}\",\"list\":[{}1]}}", "1,".repeat(999));
    check("input.list.map(x, input.s)", &long, "reads more than");
    check(
        "input.s + input.s + input.s + input.s + input.s + input.s + input.s + input.s + input.s",
        &long,
        "reads more",
    );
    check("[input.s, input.s, input.s]", &long, "longer than");
    check("input.list.map(x, x)", &format!("{{\"list\":[{}1]}}", "1,".repeat(1_000)), "1001 elements");
    check("input.a == 1", &format!("{{\"a\":{}1{}}}", "[".repeat(100), "]".repeat(100)), "deeper than");
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let definition = definition(&with_output("'${{ input.a }}'")).expect("compiles");
    assert_eq!(
        output(&definition, &deep).map(|json| json.len()),
        Ok(200_001),
        "a plain path copies any depth"
    );
}

#[test]
fn expressions_that_compute_are_counted() {
    let many = |count: usize| with_output(&format!("[{}]", vec!["'${{ 1 + 1 }}'"; count].join(",")));
    assert!(definition(&many(512)).is_some());
    let report = lint(&many(513));
    assert_eq!(
        report.findings.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(),
        ["expression_too_complex"]
    );
}

#[test]
fn what_is_no_json_is_an_error() {
    for template in ["'${{ input }}'", "'${{ input.a }}'"] {
        let definition = definition(&with_output(template)).expect("compiles");
        for input in
            ["", "{", "{\"a\":1", "{\"a\":1}x", "\u{feff}{}", "nul", "{\"a\":01}", "'a'", "\u{c}{\"a\":1}"]
        {
            assert!(output(&definition, input).is_err(), "{template} of {input:?}");
        }
    }
}
