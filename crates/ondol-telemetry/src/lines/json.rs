//! A line that is one JSON object. Objects within it become names with dots: `{"http":{"method":"GET"}}` is `http.method`.

use serde_json::{Map, Value as Json};

use super::Line;
use super::fields::{Fields, Value};
use super::stamp::Here;

/// How deep names with dots go; what lies deeper is one value, as JSON.
const DEPTH_MAX: usize = 4;

pub(super) fn read(text: &str, here: Here) -> Option<Line> {
    if !text.starts_with('{') {
        return None;
    }
    let object: Map<String, Json> = serde_json::from_str(text).ok()?;
    let mut fields = Fields::new(here);
    put(&mut fields, "", object, DEPTH_MAX);
    Some(fields.finish(text))
}

fn put(fields: &mut Fields, before: &str, object: Map<String, Json>, depth: usize) {
    for (name, value) in object {
        let name = if before.is_empty() { name } else { format!("{before}.{name}") };
        match value {
            // `tracing` puts the message and what the event says into `fields`.
            Json::Object(inner) if name == "fields" => put(fields, "", inner, depth - 1),
            Json::Object(inner) if depth > 1 && !inner.is_empty() => put(fields, &name, inner, depth - 1),
            Json::String(text) => fields.put(&name, Value::Text(text)),
            Json::Number(number) => {
                let float = number.as_f64().unwrap_or(f64::NAN);
                fields.put(&name, Value::Number(float, number.to_string()));
            }
            Json::Null => {}
            other @ (Json::Bool(_) | Json::Array(_) | Json::Object(_)) => {
                fields.put(&name, Value::Other(other.to_string()));
            }
        }
    }
}
