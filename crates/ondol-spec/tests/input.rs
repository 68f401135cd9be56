//! What a definition wants of its input.

use ondol_spec::lint;
use serde_json::{Value, json};

/// The schema of a saga with these steps, without `$schema`.
fn schema(steps: &str) -> Value {
    let source = format!(
        "ondol: 1\nservices: {{ a: {{ url: 'http://a:1', barrier: true }} }}\nsecrets: {{ KEY: {{ env: K }} }}\nsagas:\n  s:\n{steps}"
    );
    let report = lint(&source);
    let system = report.system.clone().unwrap_or_else(|| panic!("{}", report.render("ondol.yaml", &source)));
    let mut schema = system.definitions["s"].input_schema();
    let draft = schema.as_object_mut().expect("an object").remove("$schema");
    assert_eq!(draft, Some(json!("https://json-schema.org/draft/2020-12/schema")));
    schema
}

/// The schema where this expression stands in the body of the only step.
fn of(expression: &str) -> Value {
    schema(&format!(
        "    steps: [{{ name: one, action: {{ call: a POST /one, body: {{ v: '${{{{ {expression} }}}}' }} }}, compensate: none }}]\n"
    ))
}

#[test]
fn what_an_expression_reads_is_wanted() {
    let object = |properties: Value, required: &[&str]| match required {
        [] => json!({ "type": "object", "properties": properties }),
        required => json!({ "type": "object", "properties": properties, "required": required }),
    };
    let maybe_b = object(json!({ "a": {}, "b": {} }), &["a"]);
    #[rustfmt::skip]
    let table = [
        ("saga.id",                                 json!({})),
        ("input",                                   json!({})),
        ("input.seat",                              object(json!({ "seat": {} }), &["seat"])),
        ("input[\"a-key\"]",                        object(json!({ "a-key": {} }), &["a-key"])),
        ("input.a.b",                               object(json!({ "a": object(json!({ "b": {} }), &["b"]) }), &["a"])),
        ("input.list[0].name",                      object(json!({ "list": {} }), &["list"])),
        ("input.list.map(x, x.price)",              object(json!({ "list": {} }), &["list"])),
        ("input.list.map(x, x + input.a)",          object(json!({ "a": {}, "list": {} }), &["list"])),
        ("input.a + input.b",                       object(json!({ "a": {}, "b": {} }), &["a", "b"])),
        ("input.a ? input.b : 1",                   maybe_b.clone()),
        ("input.a && input.b",                      maybe_b.clone()),
        ("input.a || input.b",                      maybe_b),
        ("has(input.a)",                            object(json!({ "a": {} }), &[])),
        ("has(input.a) ? input.a : 1",              object(json!({ "a": {} }), &[])),
        ("has(input.a.b)",                          object(json!({ "a": object(json!({ "b": {} }), &[]) }), &["a"])),
        ("[input.a, {\"k\": input.b}].size()",      object(json!({ "a": {}, "b": {} }), &["a", "b"])),
    ];
    for (expression, expected) in table {
        assert_eq!(of(expression), expected, "{expression}");
    }
    let long = format!("input{}", ".a".repeat(100));
    let depth = of(&long).to_string().matches("properties").count();
    assert_eq!(depth, 16, "what is deeper has no form");
}

#[test]
fn every_place_of_a_saga_is_looked_at() {
    let steps = r"    steps:
      - name: one
        action: { call: 'a POST /${{ input.path }}', query: { q: '${{ input.query }}' }, headers: { x-h: '${{ input.header }}' } }
        compensate: { call: a POST /back, body: ['${{ input.back }}', 'no ${{ input.text }}'] }
      - name: two
        if: '${{ input.upgrade == true }}'
        action: { call: a POST /two, body: '${{ input.upgraded }}' }
        compensate: none
    output: { seat: '${{ input.seat }}' }
";
    let schema = schema(steps);
    let names: Vec<&String> = schema["properties"].as_object().expect("properties").keys().collect();
    assert_eq!(names, ["back", "header", "path", "query", "seat", "text", "upgrade", "upgraded"]);
    assert_eq!(
        schema["required"],
        json!(["back", "header", "path", "query", "seat", "text", "upgrade"]),
        "a step with a condition may be left out"
    );
}
