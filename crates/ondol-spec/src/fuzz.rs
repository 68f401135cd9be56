//! Entry points for fuzzers: any bytes, no panic, no hang, no overflow. Each also checks what must hold for its results.

use ondol_core::{Half, StepId};

use crate::expression::{Expression, Place, Scope, Visible};
use crate::{Definition, Secrets, lint as lint_file, stack};

/// A file: linted, rendered, and every definition read back from its stored form.
pub fn lint(data: &[u8]) {
    let Ok(source) = std::str::from_utf8(data) else { return };
    let report = lint_file(source);
    let _ = report.render("ondol.yaml", source);
    assert_eq!(report.system.is_none(), report.has_errors(), "a file without errors is a system");
    for definition in report.system.iter().flat_map(|system| system.definitions.values()) {
        let again = Definition::from_canonical(definition.canonical()).expect("what was written can be read");
        assert_eq!(&again, &**definition, "reading back changes nothing");
        assert_eq!(again.digest(), definition.digest(), "reading back changes nothing");
        render(&again, b"{\"a\":{\"b\":[1,2.50,\"x/y\"]}}");
    }
}

/// A stored definition.
pub fn canonical(data: &[u8]) {
    let Ok(source) = std::str::from_utf8(data) else { return };
    if let Ok(definition) = Definition::from_canonical(source) {
        render(&definition, b"null");
    }
}

/// An expression and, behind the first line break, the input it is evaluated with. What comes out is JSON.
pub fn expression(data: &[u8]) {
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (source, input) = data.split_at(at);
    let Ok(source) = std::str::from_utf8(source) else { return };
    let steps = ["a".to_owned(), "hold-seat".to_owned()];
    let mut before = ondol_core::StepSet::default();
    before.insert(0);
    before.insert(1);
    let compiled = stack::on_large_stack(|| {
        let computed = std::cell::Cell::new(0);
        let visible = Visible {
            place: Place::Value,
            steps: &steps,
            before,
            own: None,
            secrets: None,
            computed: &computed,
        };
        Expression::compile(source, &visible)
    });
    let outputs = |_: StepId| Some(input);
    let scope = Scope { input, outputs: &outputs, saga_id: "id", run: "run" };
    if let Ok(value) =
        compiled.map_err(drop).and_then(|compiled| compiled.evaluate(&scope).map_err(drop).map(String::from))
    {
        let json: Result<serde::de::IgnoredAny, _> = serde_json::from_str(&value);
        assert!(json.is_ok(), "an expression gives JSON, not {value}");
    }
}

/// Renders everything a definition can, with one input for every scope.
fn render(definition: &Definition, json: &[u8]) {
    let outputs = |_: StepId| Some(json);
    let scope = Scope { input: json, outputs: &outputs, saga_id: "saga", run: "run" };
    let secrets = Secrets::default();
    for step in definition.plan().ids() {
        let _ = definition.condition(step, &scope);
        for half in [Half::Action, Half::Compensation] {
            let _ = definition.request(step, half, &scope, &secrets);
        }
    }
    let _ = definition.output(&scope);
}
