//! Between JSON and CEL's values.
//!
//! Integers become `int` and back; a number that neither `int` nor `double` holds is an error and not a rounding.
//! Maps are written with their keys in order, since a map of CEL has none and the same saga must render the same bytes.

use std::collections::{BTreeMap, HashMap};

use ::cel::Value;
use ::cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString};
use ::cel::common::value::Val;
use ::cel::objects::Key;

use crate::bounds::{BODY_BYTES_MAX, LIST_LENGTH_MAX, VALUE_DEPTH_MAX};
use crate::finding::quoted;
use crate::json_tree::{Items, Pairs, from_str_with};
use crate::node::quote;

/// A text as CEL has it.
pub(crate) fn text(text: &str) -> Box<dyn Val> {
    Box::new(CelString::from(text.to_owned()))
}

/// A boolean as CEL has it.
pub(crate) fn boolean(value: bool) -> Box<dyn Val> {
    Box::new(CelBool::from(value))
}

/// Raw JSON as CEL has it.
pub(crate) fn from_json(raw: &str) -> Result<Box<dyn Val>, String> {
    value(raw.trim_ascii(), 0)
}

fn value(raw: &str, depth: usize) -> Result<Box<dyn Val>, String> {
    let syntax = |error: serde_json::Error| format!("the value is not JSON: {error}");
    if depth > VALUE_DEPTH_MAX {
        return Err(format!("the value nests deeper than {VALUE_DEPTH_MAX}; copy it with a plain path"));
    }
    let bounded = |length: usize| match length {
        0..=LIST_LENGTH_MAX => Ok(()),
        _ => Err(format!(
            "the value has {length} elements; expressions look into {LIST_LENGTH_MAX} at most (a plain path copies more)"
        )),
    };
    Ok(match raw.as_bytes().first() {
        Some(b'{') => {
            let pairs = from_str_with(raw, Pairs).map_err(syntax)?;
            bounded(pairs.len())?;
            let mut map: HashMap<CelMapKey<'static>, Box<dyn Val>> = HashMap::with_capacity(pairs.len());
            for (key, raw) in pairs {
                map.insert(CelMapKey::from(key), value(raw.get(), depth + 1)?);
            }
            Box::new(CelMap::from(map))
        }
        Some(b'[') => {
            let items = from_str_with(raw, Items).map_err(syntax)?;
            bounded(items.len())?;
            let items: Result<Vec<_>, _> = items.iter().map(|item| value(item.get(), depth + 1)).collect();
            Box::new(CelList::from(items?))
        }
        Some(b'"') => Box::new(CelString::from(serde_json::from_str::<String>(raw).map_err(syntax)?)),
        Some(b't' | b'f') => boolean(serde_json::from_str(raw).map_err(syntax)?),
        Some(b'n') | None => Box::new(CelNull),
        Some(_) => number(raw)?,
    })
}

fn number(raw: &str) -> Result<Box<dyn Val>, String> {
    if raw.contains(['.', 'e', 'E']) {
        let double = raw.parse::<f64>().ok().filter(|double| double.is_finite());
        let double = double.ok_or_else(|| format!("the number {} is too large", quoted(raw)))?;
        return Ok(Box::new(CelDouble::from(double)));
    }
    let int = raw.parse::<i64>();
    let too_large = format!("the number {} has more than 64 bits; copy it with a plain path", quoted(raw));
    int.map(|int| Box::new(CelInt::from(int)) as Box<dyn Val>).map_err(|_| too_large)
}

/// A value of CEL as JSON.
pub(crate) fn to_json(value: &Value) -> Result<String, String> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<(), String> {
    if out.len() > BODY_BYTES_MAX {
        return Err(format!("the value is longer than {BODY_BYTES_MAX} bytes"));
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => out.push_str(&value.to_string()),
        Value::UInt(value) => out.push_str(&value.to_string()),
        Value::Float(value) if value.is_finite() => {
            out.push_str(&serde_json::to_string(value).map_err(|error| error.to_string())?);
        }
        Value::Float(value) => return Err(format!("{value} cannot be written in JSON")),
        Value::String(text) => quote(text, out),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Map(map) => {
            let entries = map.map.iter().map(|(key, value)| match key {
                Key::String(text) => Ok((text.as_str(), value)),
                Key::Int(_) | Key::Uint(_) | Key::Bool(_) => {
                    Err(format!("the key {key} is not text, which JSON needs"))
                }
            });
            let sorted: BTreeMap<&str, &Value> = entries.collect::<Result<_, _>>()?;
            out.push('{');
            for (at, (key, value)) in sorted.into_iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                quote(key, out);
                out.push(':');
                write(value, out)?;
            }
            out.push('}');
        }
        Value::Function(..) | Value::Bytes(_) | Value::Opaque(_) | Value::Struct(_) => {
            return Err(format!("a value of type {} cannot be written in JSON", value.type_of()));
        }
    }
    Ok(())
}
