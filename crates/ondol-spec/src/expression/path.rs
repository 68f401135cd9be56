//! A path into raw JSON, followed without building a tree.

use std::borrow::Cow;
use std::fmt;

use ondol_core::StepId;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Scope;
use crate::bounds::KEYS_SHOWN_MAX;
use crate::finding::quoted;
use crate::json_tree::from_str_with;
use crate::node::{Segment, path_text, quote};

/// Where a path begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// `input`
    Input,
    /// `steps.<name>.output`
    Output(StepId),
    /// `saga.id`
    SagaId,
    /// `saga.run`
    SagaRun,
    /// `secrets.<name>`
    Secret(Box<str>),
}

/// A root and the way from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) root: Root,
    /// How a person writes the root.
    pub(crate) root_text: Box<str>,
    pub(crate) segments: Vec<Segment>,
}

impl Path {
    /// The last name on it: `seat` of `input.seat`, `id` of `saga.id`.
    pub(crate) fn name(&self) -> &str {
        let key = self.segments.iter().rev().find_map(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            Segment::Index(_) => None,
        });
        key.unwrap_or_else(|| self.root_text.rsplit('.').next().unwrap_or("value"))
    }
}

/// The segments of `a.b[0]["c"]`, or `None` where the text is anything else. A name behind `steps.` may have hyphens.
pub(crate) fn plain(source: &str) -> Option<Vec<Segment>> {
    let first = word(source, false);
    if !matches!(first, "input" | "steps" | "saga" | "secrets") {
        return None;
    }
    let mut segments = vec![Segment::Key(first.to_owned())];
    let mut rest = &source[first.len()..];
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('.') {
            let name = word(behind, first == "steps" && segments.len() == 1);
            if name.is_empty() {
                return None;
            }
            segments.push(Segment::Key(name.to_owned()));
            rest = &behind[name.len()..];
        } else {
            let (inside, behind) = rest.strip_prefix('[')?.split_once(']')?;
            segments.push(index(inside)?);
            rest = behind;
        }
    }
    Some(segments)
}

fn word(text: &str, hyphens: bool) -> &str {
    let belongs = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || (hyphens && *b == b'-');
    let length = text.bytes().take_while(belongs).count();
    let word = &text[..length];
    if !hyphens && word.starts_with(|c: char| c.is_ascii_digit()) { "" } else { word }
}

/// An index or a simple string without escapes; CEL reads the rest.
fn index(inside: &str) -> Option<Segment> {
    let digits = !inside.is_empty() && inside.bytes().all(|b| b.is_ascii_digit());
    if digits {
        return inside.parse().ok().map(Segment::Index);
    }
    let key = ['"', '\''].iter().find_map(|quote| inside.strip_prefix(*quote)?.strip_suffix(*quote))?;
    let simple = !key.is_empty() && !key.contains(['"', '\'', '\\']);
    simple.then(|| Segment::Key(key.to_owned()))
}

impl Path {
    /// The value, as it is written in the JSON.
    pub(crate) fn read<'a>(&self, scope: &Scope<'a>) -> Result<Cow<'a, str>, String> {
        match self.root {
            Root::Input | Root::Output(_) => {
                let raw = self.root_json(scope)?;
                self.follow(raw, self.segments.len()).map(Cow::Borrowed)
            }
            Root::SagaId => Ok(Cow::Owned(quoted_json(scope.saga_id))),
            Root::SagaRun => Ok(Cow::Owned(quoted_json(scope.run))),
            Root::Secret(_) => Err("a secret has no value here".to_owned()),
        }
    }

    /// The JSON in which the path begins.
    pub(crate) fn root_json<'a>(&self, scope: &Scope<'a>) -> Result<&'a str, String> {
        let bytes = match self.root {
            Root::Input => Some(scope.input),
            Root::Output(step) => (scope.outputs)(step),
            Root::SagaId | Root::SagaRun | Root::Secret(_) => None,
        };
        let bytes = bytes.ok_or_else(|| format!("{} does not exist yet", self.root_text))?;
        std::str::from_utf8(bytes).map_err(|error| format!("{} is not UTF-8: {error}", self.root_text))
    }

    /// Follows the first `count` segments into `raw`.
    pub(crate) fn follow<'a>(&self, raw: &'a str, count: usize) -> Result<&'a str, String> {
        let syntax = |error: serde_json::Error| format!("{} is not JSON: {error}", self.root_text);
        if count == 0 {
            return serde_json::from_str::<&RawValue>(raw).map(RawValue::get).map_err(syntax);
        }
        // White space as JSON has it, which is less than ASCII has (RFC 8259 §2).
        let mut value = raw.trim_start_matches([' ', '\t', '\n', '\r']);
        for (depth, segment) in self.segments.iter().take(count).enumerate() {
            let next = match (segment, value.as_bytes().first()) {
                (Segment::Key(key), Some(b'{')) => from_str_with(value, Find(key)).map_err(syntax)?,
                (Segment::Index(at), Some(b'[')) => from_str_with(value, Nth(*at)).map_err(syntax)?,
                (Segment::Key(_) | Segment::Index(_), _) => None,
            };
            value = next.ok_or_else(|| self.missing(value, depth))?.get();
        }
        Ok(value)
    }

    /// The path as a person writes it, up to `depth` segments.
    pub(crate) fn text(&self, depth: usize) -> String {
        let way = path_text(self.segments.get(..depth).unwrap_or_default());
        let dot = if way.is_empty() || way.starts_with('[') { "" } else { "." };
        format!("{}{dot}{way}", self.root_text)
    }

    /// Says what is not there, and what is.
    fn missing(&self, value: &str, depth: usize) -> String {
        let (here, wanted) = (self.text(depth), self.text(depth + 1));
        let (here, wanted) = (quoted(&here), quoted(&wanted));
        match (value.as_bytes().first(), self.segments.get(depth)) {
            (Some(b'{'), Some(Segment::Key(_))) => {
                format!("{wanted} is missing; {here} has {}", keys_text(value))
            }
            (Some(b'['), Some(Segment::Index(_))) => {
                let length = from_str_with(value, Count).unwrap_or_default();
                format!("{wanted} is missing; {here} has {length} elements, counted from 0")
            }
            (first, _) => format!("{wanted} is missing; {here} is {}", kind(first.copied())),
        }
    }
}

fn quoted_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote(text, &mut out);
    out
}

/// What a JSON value is, from its first byte.
pub(crate) fn kind(first: Option<u8>) -> &'static str {
    match first {
        Some(b'{') => "a mapping",
        Some(b'[') => "a list",
        Some(b'"') => "text",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') | None => "null",
        Some(_) => "a number",
    }
}

fn keys_text(value: &str) -> String {
    match from_str_with(value, Keys) {
        Ok((keys, _)) if keys.is_empty() => "no keys".to_owned(),
        Ok((keys, more)) => {
            let keys: Vec<String> = keys.iter().map(|key| quoted(key)).collect();
            format!("{}{}", keys.join(", "), if more { ", …" } else { "" })
        }
        Err(error) => format!("keys that cannot be read ({error})"),
    }
}

/// The value of one key; the last one where a key is repeated, as every common reader has it.
struct Find<'k>(&'k str);

impl<'de> Visitor<'de> for Find<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(matches) = map.next_key_seed(KeyIs(self.0))? {
            if matches {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Compares a key without copying it.
struct KeyIs<'k>(&'k str);

impl<'de> DeserializeSeed<'de> for KeyIs<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyIs<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

/// The element at an index.
struct Nth(usize);

impl<'de> Visitor<'de> for Nth {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        for _ in 0..self.0 {
            if seq.next_element::<IgnoredAny>()?.is_none() {
                return Ok(None);
            }
        }
        let found = seq.next_element()?;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }
}

/// How many elements an array has.
struct Count;

impl<'de> Visitor<'de> for Count {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<usize, A::Error> {
        let mut count = 0;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(count)
    }
}

/// The first few keys of an object, and whether there are more.
struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = (Vec<String>, bool);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut keys = Vec::new();
        let mut more = false;
        while let Some((key, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
            if keys.len() < KEYS_SHOWN_MAX {
                keys.push(key);
            } else {
                more = true;
            }
        }
        Ok((keys, more))
    }
}
