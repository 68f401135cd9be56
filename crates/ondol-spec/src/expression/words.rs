//! Errors of an evaluation in words a person can use.
//!
//! The `cel` crate shows values as Rust has them: whole, and mappings in an order that changes from run to run. Here a
//! value is shown short, and a list or a mapping by its kind.

use ::cel::{ExecutionError, Value};

use crate::finding::quoted;

/// What went wrong; the same error gives the same words.
pub(crate) fn of(error: &ExecutionError) -> String {
    match error {
        ExecutionError::UnsupportedBinaryOperator(operator, left, right) => {
            let cannot = format!("`{}` cannot take {} and {}", sign(operator), shown(left), shown(right));
            match (left, right) {
                (Value::Int(_), Value::Float(_)) | (Value::Float(_), Value::Int(_)) => {
                    format!("{cannot}: int and double do not mix; write 2.0 instead of 2, or double(…)")
                }
                _ => cannot,
            }
        }
        ExecutionError::Overflow("negate", value, _) => format!("-{} has more than 64 bits", shown(value)),
        ExecutionError::NoSuchOverload(overload) => {
            let types: Vec<&str> = overload.argument_types().iter().map(|name| kind(name)).collect();
            format!("`{}` cannot take {}", sign(overload.function()), types.join(" and "))
        }
        ExecutionError::UnexpectedType { got, want } => {
            format!("{} is needed here, and this is {}", kind(want), kind(got))
        }
        ExecutionError::Overflow(operator, left, right) => {
            format!("{} {} {} has more than 64 bits", shown(left), sign(operator), shown(right))
        }
        ExecutionError::ValuesNotComparable(left, right) => {
            format!("{} cannot be compared with {}", shown(left), shown(right))
        }
        ExecutionError::UnsupportedIndex(at, of) => {
            format!("{} cannot be used to look into {}", shown(at), shown(of))
        }
        ExecutionError::UnsupportedTargetType { target } => format!("{} is of the wrong type", shown(target)),
        ExecutionError::NotSupportedAsMethod { method, target } => {
            format!("{} has no {}", shown(target), quoted(method))
        }
        ExecutionError::UnsupportedKeyType(key) => format!("{} cannot be a key", shown(key)),
        ExecutionError::DuplicateKey(key) => format!("the key {} is given twice", shown(key)),
        ExecutionError::IndexOutOfBounds(at) => format!("there is no element {}", shown(at)),
        ExecutionError::DivisionByZero(value) | ExecutionError::RemainderByZero(value) => {
            format!("{} is divided by zero", shown(value))
        }
        other => shortened(&other.to_string()),
    }
}

/// The operator as it is written.
fn sign(operator: &str) -> &str {
    match operator {
        "add" => "+",
        "sub" | "neg" | "negate" | "-_" => "-",
        "!_" => "!",
        "mul" => "*",
        "div" => "/",
        "rem" => "%",
        other => other,
    }
}

/// A type of CEL as a person calls it.
fn kind(name: &str) -> &str {
    match name {
        "int" => "a whole number (int)",
        "uint" => "a whole number (uint)",
        "double" | "float" => "a number with a point (double)",
        "string" => "text",
        "bool" => "true or false",
        "list" => "a list",
        "map" => "a mapping",
        "null_type" | "null" => "null",
        other => other,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::UInt(value) => format!("{value}u"),
        Value::Float(value) => format!("{value:?}"),
        Value::String(text) => format!("the text {}", quoted(text)),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a mapping".to_owned(),
        Value::Function(..) | Value::Bytes(_) | Value::Opaque(_) | Value::Struct(_) => {
            format!("a value of type {}", value.type_of())
        }
    }
}

/// A message of the `cel` crate, which may quote whole values.
pub(crate) fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 160;
    let short: String = text.chars().take(CHARS_MAX).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}
