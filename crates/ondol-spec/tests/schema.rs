//! The JSON Schema that editors complete with: a snapshot of it, and that what it says agrees with lint.

use ondol_spec::{example, json_schema, lint};
use serde_json::Value;

#[test]
fn the_schema_is_draft_2020_12() {
    let schema = json_schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], serde_json::json!(["ondol"]));
    insta::assert_snapshot!(serde_json::to_string_pretty(&schema).expect("JSON"));
}

/// Every key of the samples is in the schema, and every object of the schema is closed.
#[test]
fn the_schema_knows_the_samples() {
    let schema = json_schema();
    let definitions = schema["$defs"].as_object().expect("definitions");
    for (name, definition) in definitions {
        if definition.get("properties").is_some() {
            assert_eq!(definition["additionalProperties"], false, "{name} is open");
        }
    }
    for source in [include_str!("fixtures/design.yaml"), example()] {
        assert_eq!(lint(source).findings, []);
    }
}

/// Each property has a description: it is what the editor shows and what lint says of a missing key.
#[test]
fn every_property_is_described() {
    let schema = json_schema();
    let definitions = schema["$defs"].as_object().expect("definitions").iter();
    for (name, definition) in
        definitions.map(|(name, value)| (name.as_str(), value)).chain([("System", &schema)])
    {
        for (key, property) in definition.get("properties").and_then(Value::as_object).into_iter().flatten() {
            assert!(property.get("description").is_some(), "{name}.{key} has no description");
        }
    }
}
