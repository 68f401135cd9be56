//! Does a file have the shape of the model? Walks the tree along the JSON Schema, so that editor and lint agree.
//!
//! Only the keywords that [`crate::model`] produces are understood; this is not a JSON Schema validator.

mod format;
mod misplaced;

use std::sync::LazyLock;

use serde_json::Value;

use crate::finding::{Code, Fault, quoted, suggest};
use crate::node::{Entry, Kind, Node, Segment};
use crate::yaml::duplicate_key;
use crate::{model, place::Faults};
use format::Format;

/// The JSON Schema of `ondol.yaml` (draft 2020-12), for editors.
#[must_use]
pub fn json_schema() -> Value {
    schema_of::<model::System>()
}

fn schema_of<T: schemars::JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}

/// Checks a whole system file.
pub(crate) fn system(root: &Node, faults: &mut Faults) {
    // Not kept: it takes half a MiB, and files are checked seldom.
    let schema = json_schema();
    Walk { root: &schema, faults }.node(root, &schema, "a system");
}

/// Checks one saga, as it is sent through the API.
pub(crate) fn saga(root: &Node, faults: &mut Faults) {
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<model::Saga>);
    Walk { root: &SCHEMA, faults }.node(root, &SCHEMA, "a plan");
}

/// How a mapping of headers is called in messages.
const HEADERS: &str = "`headers`";

struct Walk<'a> {
    root: &'a Value,
    faults: &'a mut Faults,
}

impl<'a> Walk<'a> {
    /// `what` names the value in messages.
    fn node(&mut self, node: &Node, schema: &'a Value, what: &str) {
        let branches = self.branches(schema);
        if let Some(words) = choices(&branches) {
            return self.choice(node, &words);
        }
        if let Some(format) = branches.iter().find_map(|branch| Format::of(branch)) {
            let nothing = branches.iter().any(|branch| accepts(branch, &Kind::Null));
            return self.faults.extend(format.check(node, nothing));
        }
        let Some(branch) = branches.iter().find(|branch| accepts(branch, &node.kind)) else {
            return self.wrong_type(node, &branches, what);
        };
        match &node.kind {
            Kind::Map(entries) => {
                if what == HEADERS {
                    self.headers(entries);
                }
                self.map(entries, branch);
            }
            Kind::List(items) => self.list(items, branch, what),
            Kind::Number(digits) => self.number(digits, branch, what),
            Kind::Text(text) => self.word(text, branch, what),
            Kind::Null | Kind::Bool(_) => {}
        }
    }

    /// The alternatives of a schema, references followed.
    fn branches(&self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.resolve(reference),
            None => schema,
        };
        match schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array) {
            Some(list) => list.iter().flat_map(|branch| self.branches(branch)).collect(),
            None => vec![schema],
        }
    }

    fn resolve(&self, reference: &str) -> &'a Value {
        let pointer = reference.trim_start_matches('#');
        self.root.pointer(pointer).expect("schemars only refers to definitions that it wrote")
    }

    fn map(&mut self, entries: &[Entry], schema: &'a Value) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties");
        for entry in entries {
            if self.faults.is_full() {
                return;
            }
            let known = properties.and_then(|known| known.get(&entry.key));
            let inner = known.or(others.filter(|others| others.is_object()));
            match inner {
                Some(inner) => self.faults.within(Segment::Key(entry.key.clone()), |faults| {
                    Walk { root: self.root, faults }.node(&entry.value, inner, &format!("`{}`", entry.key));
                }),
                None if others == Some(&Value::Bool(false)) => {
                    let misplaced = misplaced::in_operation(self.root, self.faults.path(), &entry.key);
                    if let Some(fault) = misplaced {
                        self.faults.add_at_key(&entry.key, fault);
                        continue;
                    }
                    let names: Vec<&str> = properties.into_iter().flatten().map(|(k, _)| &**k).collect();
                    let message = format!("the key {} means nothing here", quoted(&entry.key));
                    let fault = Fault::new(Code::UnknownKey, message, suggest(&entry.key, &names, "key"));
                    self.faults.add_at_key(&entry.key, fault);
                }
                None => {}
            }
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        for name in required.filter_map(Value::as_str) {
            if !entries.iter().any(|entry| entry.key == name) {
                let about = properties.and_then(|p| p.get(name)?.get("description")?.as_str());
                let message = format!("`{name}` is missing");
                let fix = format!("add `{name}`: {}", about.unwrap_or("see the manual"));
                self.faults.add(Fault::new(Code::MissingField, message, fix));
            }
        }
    }

    /// Names of headers are the same in either case (RFC 9110 §5.1).
    fn headers(&mut self, entries: &[Entry]) {
        for (at, entry) in entries.iter().enumerate() {
            let before = entries.iter().take(at).find(|before| before.key.eq_ignore_ascii_case(&entry.key));
            if let Some(before) = before {
                self.faults.add_at_key(&entry.key, duplicate_key(&entry.key, before.start));
            }
        }
    }

    fn list(&mut self, items: &[Node], schema: &'a Value, what: &str) {
        let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
        let (min, max) = (bound("minItems").unwrap_or(0), bound("maxItems").unwrap_or(u64::MAX));
        if (items.len() as u64) < min || items.len() as u64 > max {
            let message = format!("{what} has {} entries; {min} to {max} are allowed", items.len());
            let fix = if items.is_empty() { "add an entry" } else { "split the list, or remove entries" };
            self.faults.add(Fault::new(Code::OutOfBounds, message, fix));
        }
        let Some(inner) = schema.get("items") else { return };
        for (at, item) in items.iter().enumerate() {
            if self.faults.is_full() {
                return;
            }
            self.faults.within(Segment::Index(at), |faults| {
                Walk { root: self.root, faults }.node(item, inner, &format!("an entry of {what}"));
            });
        }
    }

    fn number(&mut self, digits: &str, schema: &Value, what: &str) {
        let value: f64 = digits.parse().unwrap_or(f64::INFINITY);
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        // A `u32` in the model is an integer with this format and no maximum of its own.
        let widest = if schema.get("format").is_some() { f64::from(u32::MAX) } else { f64::MAX };
        let (min, max) = (bound("minimum").unwrap_or(f64::MIN), bound("maximum").unwrap_or(widest));
        if value < min || value > max {
            let message = format!("{what} is {digits}; {min} to {max} is allowed");
            let nearest = if value < min { min } else { max };
            let fix = match what {
                "an entry of `retry_on`" => {
                    "remove it; 2xx is done, and 408, 425, 429 and 5xx are always tried again".to_owned()
                }
                "an entry of `accept`" => "remove it; only a refusal can count as undone".to_owned(),
                _ => format!("write {nearest}"),
            };
            self.faults.add(Fault::new(Code::OutOfBounds, message, fix));
        }
    }

    fn choice(&mut self, node: &Node, words: &[&str]) {
        let given = match &node.kind {
            Kind::Text(text) => text.as_str(),
            Kind::Null if words.contains(&"null") => return,
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Map(_) => node.kind_name(),
        };
        let words: Vec<&str> = words.iter().copied().filter(|word| *word != "null").collect();
        if !words.contains(&given) {
            let message = format!("{} is none of: {}", quoted(given), words.join(", "));
            self.faults.add(Fault::new(Code::UnknownChoice, message, suggest(given, &words, "choice")));
        }
    }

    /// A text beside a mapping: only one word has a meaning there.
    fn word(&mut self, given: &str, schema: &Value, what: &str) {
        let Some(word) = schema.get("const").and_then(Value::as_str).filter(|word| *word != given) else {
            return;
        };
        let message = format!("{what} must be a mapping or `{word}`, and this is {}", quoted(given));
        let fix = format!("write `{word}`, or the settings in braces: {{ … }}");
        self.faults.add(Fault::new(Code::UnknownChoice, message, fix));
    }

    fn wrong_type(&mut self, node: &Node, branches: &[&Value], what: &str) {
        let expected: Vec<&str> =
            branches.iter().flat_map(|branch| type_names(branch)).map(kind_of).collect();
        let expected: Vec<&str> = expected.into_iter().filter(|name| *name != "nothing").collect();
        let message = format!("{what} must be {}, and this is {}", expected.join(" or "), node.kind_name());
        let fix = match (&node.kind, expected.as_slice()) {
            (_, ["text"]) if what == "`if`" => {
                "write one expression: \"${{ input.upgrade == true }}\"; without `if` the step always happens"
                    .to_owned()
            }
            (Kind::Number(text), ["text", ..]) => format!("quote it: \"{text}\""),
            (Kind::Bool(value), ["text", ..]) => format!("quote it: \"{value}\""),
            (Kind::Text(_), ["true or false"]) => "write true or false, without quotes".to_owned(),
            (Kind::Text(_), ["a whole number" | "a number"]) => "write the digits, without quotes".to_owned(),
            (Kind::Text(_), ["a list"]) => "put it in brackets: [ … ]".to_owned(),
            _ => format!("write {}", expected.join(" or ")),
        };
        self.faults.add(Fault::new(Code::WrongType, message, fix));
    }
}

/// The words of an enum, which schemars writes as `enum` or as one `const` for each documented variant.
fn choices<'a>(branches: &[&'a Value]) -> Option<Vec<&'a str>> {
    let mut words = Vec::new();
    for branch in branches {
        if let Some(list) = branch.get("enum").and_then(Value::as_array) {
            words.extend(list.iter().map(|word| word.as_str().unwrap_or("null")));
        } else if let Some(word) = branch.get("const").and_then(Value::as_str) {
            words.push(word);
        } else if branch.get("type").and_then(Value::as_str) == Some("null") {
            words.push("null");
        } else {
            return None;
        }
    }
    Some(words)
}

fn type_names(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn kind_of(name: &str) -> &'static str {
    match name {
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a mapping",
        _ => "nothing",
    }
}

/// Does a schema without alternatives allow this kind of value?
fn accepts(schema: &Value, kind: &Kind) -> bool {
    let names = type_names(schema);
    let is = |name: &str| names.contains(&name);
    names.is_empty()
        || match kind {
            Kind::Null => is("null"),
            Kind::Bool(_) => is("boolean"),
            Kind::Number(digits) => is("number") || (is("integer") && digits.parse::<i64>().is_ok()),
            Kind::Text(_) => is("string"),
            Kind::List(_) => is("array"),
            Kind::Map(_) => is("object"),
        }
}
