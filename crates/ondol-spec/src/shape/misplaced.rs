//! Keys that stand in an operation and belong to its service.

use serde_json::Value;

use crate::finding::{Code, Fault, quoted};
use crate::node::{Segment, path_text};

/// A key that an operation does not know, and its service does at the same place: `breaker`, or `timeout.connect`.
pub(super) fn in_operation(root: &Value, path: &[Segment], key: &str) -> Option<Fault> {
    let [Segment::Key(services), Segment::Key(_), Segment::Key(operations), Segment::Index(_), inner @ ..] =
        path
    else {
        return None;
    };
    if services != "services" || operations != "operations" {
        return None;
    }
    let mut schema = root.pointer("/$defs/Service")?;
    for segment in inner {
        let Segment::Key(name) = segment else { return None };
        schema = object(root, schema.get("properties")?.get(name)?)?;
    }
    schema.get("properties")?.get(key)?;
    let whole = [inner, &[Segment::Key(key.to_owned())]].concat();
    let message = format!("{} is a setting of the whole service", quoted(&path_text(&whole)));
    let fix = format!("move it out of `operations`: write `{}` at the service", path_text(&whole));
    Some(Fault::new(Code::NotInOperation, message, fix))
}

/// The mapping that a property may be, references followed.
fn object<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let reference = schema.get("$ref").and_then(Value::as_str);
    let schema = match reference {
        Some(reference) => root.pointer(reference.trim_start_matches('#'))?,
        None => schema,
    };
    match schema.get("anyOf").and_then(Value::as_array) {
        Some(branches) => branches.iter().find_map(|branch| object(root, branch)),
        None => schema.get("properties").map(|_| schema),
    }
}
