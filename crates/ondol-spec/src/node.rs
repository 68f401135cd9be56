//! A file as a tree in which every node knows where it stands.
//!
//! YAML ([`crate::yaml`]) and JSON ([`crate::json_tree`]) both become this; nothing later knows which it was.

use std::fmt::Write as _;

/// A place in a source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Position {
    /// The beginning of the text.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// One value of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its first character.
    pub(crate) start: Position,
    /// Just behind its last character.
    pub(crate) end: Position,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing, or `null`.
    Null,
    /// `true` or `false` (YAML 1.2: `yes` and `on` are text).
    Bool(bool),
    /// A number in JSON's syntax, digit by digit as written.
    Number(String),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file, without duplicate keys.
    Map(Vec<Entry>),
}

/// One key of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Where the key stands.
    pub(crate) start: Position,
    /// What it maps to.
    pub(crate) value: Node,
}

/// One step of the way from the root to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A key of a mapping.
    Key(String),
    /// An index into a sequence.
    Index(usize),
}

impl Node {
    /// The value of a key, where this is a mapping that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => None,
        }
    }

    /// The deepest node on the way along `path`, and how many segments of it exist.
    pub(crate) fn deepest(&self, path: &[Segment]) -> (&Self, usize) {
        let mut node = self;
        for (depth, segment) in path.iter().enumerate() {
            let next = match (segment, &node.kind) {
                (Segment::Key(key), _) => node.get(key),
                (Segment::Index(at), Kind::List(items)) => items.get(*at),
                (Segment::Index(_), _) => None,
            };
            let Some(next) = next else { return (node, depth) };
            node = next;
        }
        (node, path.len())
    }

    /// What a person calls this kind of value.
    pub(crate) const fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "true or false",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// The node as compact JSON, keys in the order of the file and numbers as written.
    pub(crate) fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }

    fn write_json(&self, out: &mut String) {
        match &self.kind {
            Kind::Null => out.push_str("null"),
            Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Kind::Number(digits) => out.push_str(digits),
            Kind::Text(text) => quote(text, out),
            Kind::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    item.write_json(out);
                }
                out.push(']');
            }
            Kind::Map(entries) => {
                out.push('{');
                for (at, entry) in entries.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    quote(&entry.key, out);
                    out.push(':');
                    entry.value.write_json(out);
                }
                out.push('}');
            }
        }
    }
}

/// Appends `text` as a JSON string (RFC 8259 §7).
pub(crate) fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                write!(out, "\\u{:04x}", u32::from(control)).expect("writing to a string cannot fail");
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// `sagas.book-flight.steps[1].action`, the way a path is shown to people. Keys that would be mistaken are quoted.
pub(crate) fn path_text(path: &[Segment]) -> String {
    let mut out = String::new();
    for segment in path {
        match segment {
            Segment::Index(at) => write!(out, "[{at}]").expect("writing to a string cannot fail"),
            Segment::Key(key) if key_is_plain(key) => {
                out.push_str(if out.is_empty() { "" } else { "." });
                out.push_str(key);
            }
            Segment::Key(key) => {
                out.push('[');
                quote(key, &mut out);
                out.push(']');
            }
        }
    }
    out
}

fn key_is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}
