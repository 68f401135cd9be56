//! JSON (RFC 8259) to [`Node`], within the same bounds as YAML.
//!
//! YAML is nearly a superset of JSON, but not quite: escapes in JSON may be surrogate pairs. So a plan that comes through
//! the API is read by a JSON parser.

use std::collections::HashMap;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::bounds::{SOURCE_BYTES_MAX, SOURCE_DEPTH_MAX};
use crate::finding::{Code, Fault};
use crate::node::{Entry, Kind, Node, Position};
use crate::yaml::{Wrong, duplicate_key, too_deep, too_large};

/// Reads one JSON value.
pub(crate) fn parse(source: &str) -> Result<Node, Wrong> {
    check(source, SOURCE_BYTES_MAX)
}

/// Reads one JSON value of at most `bytes_max` bytes.
pub(crate) fn check(source: &str, bytes_max: usize) -> Result<Node, Wrong> {
    if source.len() > bytes_max {
        return Err((Position::START, too_large(source.len())));
    }
    let raw: &RawValue = serde_json::from_str(source).map_err(|error| syntax(&error))?;
    let mut reader = Reader { source, read: 0, at: Position::START };
    reader.node(raw.get(), 0)
}

fn syntax(error: &serde_json::Error) -> Wrong {
    let count = |n: usize| u32::try_from(n.max(1)).unwrap_or(u32::MAX);
    let at = Position { line: count(error.line()), column: count(error.column()) };
    (at, Fault::new(Code::Syntax, format!("this is not JSON: {error}"), "send one JSON object (RFC 8259)"))
}

/// Nodes begin in the order in which they are read, so one cursor finds all their places in one pass.
struct Reader<'a> {
    source: &'a str,
    read: usize,
    at: Position,
}

impl<'a> Reader<'a> {
    fn node(&mut self, raw: &'a str, depth: usize) -> Result<Node, Wrong> {
        let start = self.position(raw);
        let kind = self.kind(raw, depth, start)?;
        Ok(Node { kind, start, end: start })
    }

    fn kind(&mut self, raw: &'a str, depth: usize, start: Position) -> Result<Kind, Wrong> {
        let wrong = |error: serde_json::Error| (start, syntax(&error).1);
        match raw.as_bytes().first() {
            Some(b'{' | b'[') if depth >= SOURCE_DEPTH_MAX => Err((start, too_deep())),
            Some(b'{') => {
                let pairs = from_str_with(raw, Pairs).map_err(wrong)?;
                let mut entries: Vec<Entry> = Vec::with_capacity(pairs.len());
                let mut seen: HashMap<String, Position> = HashMap::with_capacity(pairs.len());
                for (key, value) in pairs {
                    let value = self.node(value.get(), depth + 1)?;
                    if let Some(first) = seen.insert(key.clone(), value.start) {
                        return Err((value.start, duplicate_key(&key, first)));
                    }
                    entries.push(Entry { key, start: value.start, value });
                }
                Ok(Kind::Map(entries))
            }
            Some(b'[') => {
                let items = from_str_with(raw, Items).map_err(wrong)?;
                let items = items.into_iter().map(|item| self.node(item.get(), depth + 1));
                Ok(Kind::List(items.collect::<Result<_, _>>()?))
            }
            Some(b'"') => Ok(Kind::Text(serde_json::from_str(raw).map_err(wrong)?)),
            Some(b't') => Ok(Kind::Bool(true)),
            Some(b'f') => Ok(Kind::Bool(false)),
            Some(b'n') | None => Ok(Kind::Null),
            Some(_) => Ok(Kind::Number(raw.to_owned())),
        }
    }

    /// `raw` is a slice of the source, so its place follows from its address.
    fn position(&mut self, raw: &str) -> Position {
        let offset = raw.as_ptr().addr().saturating_sub(self.source.as_ptr().addr());
        for c in self.source.get(self.read..offset).unwrap_or_default().chars() {
            if c == '\n' {
                self.at = Position { line: self.at.line.saturating_add(1), column: 1 };
            } else {
                self.at.column = self.at.column.saturating_add(1);
            }
        }
        self.read = offset.max(self.read);
        self.at
    }
}

/// Visits one JSON value with borrowed pieces.
pub(crate) fn from_str_with<'a, V: Visitor<'a>>(
    raw: &'a str,
    visitor: V,
) -> Result<V::Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(raw);
    let value = deserializer.deserialize_any(visitor)?;
    deserializer.end()?;
    Ok(value)
}

/// The entries of an object, in order, values unparsed.
pub(crate) struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(pairs)
    }
}

/// The elements of an array, unparsed.
pub(crate) struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(items)
    }
}
