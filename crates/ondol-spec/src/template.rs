//! Text and JSON with `${{ }}` in it.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::bounds::{BODY_BYTES_MAX, PATH_BYTES_MAX};
use crate::expression::scan::template_end;
use crate::expression::{Expression, Scope, Visible, as_text};
use crate::finding::{Code, Fault, quoted};
use crate::json_tree::{Items, Pairs, from_str_with};
use crate::node::{Segment, quote};
use crate::place::Faults;

/// What begins an expression.
pub(crate) const OPEN: &str = "${{";

/// Everything but the unreserved characters of RFC 3986 §2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Literal(Box<str>),
    Value(Expression),
}

/// A text with expressions in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    pub(crate) parts: Vec<Part>,
}

impl Text {
    pub(crate) fn compile(source: &str, visible: &Visible<'_>) -> Result<Self, Fault> {
        let mut parts = Vec::new();
        let mut rest = source;
        while let Some((before, behind)) = rest.split_once(OPEN) {
            let end = template_end(behind).ok_or_else(|| {
                let fix = "close it with `}}`, and close every quote inside";
                let message = format!("{} is not closed", quoted(&rest[before.len()..]));
                Fault::new(Code::UnclosedTemplate, message, fix).pointing_at(OPEN)
            })?;
            if !before.is_empty() {
                parts.push(Part::Literal(before.into()));
            }
            parts.push(Part::Value(Expression::compile(&behind[..end], visible)?));
            rest = &behind[end + 2..];
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.into()));
        }
        Ok(Self { parts })
    }

    /// The expression, where the text is exactly one.
    pub(crate) fn into_single(mut self) -> Result<Expression, Self> {
        match self.parts.pop() {
            Some(Part::Value(only)) if self.parts.is_empty() => Ok(only),
            last => {
                self.parts.extend(last);
                Err(self)
            }
        }
    }

    /// The expressions in it.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(value) => Some(value),
            Part::Literal(_) => None,
        })
    }

    /// The text with its values inserted.
    pub(crate) fn render(&self, scope: &Scope<'_>) -> Result<String, String> {
        self.render_with(scope, |value, out| {
            out.push_str(value);
            Ok(())
        })
    }

    /// The text percent-encoded as the value of a query parameter (RFC 3986 §3.4).
    pub(crate) fn render_query(&self, scope: &Scope<'_>) -> Result<String, String> {
        self.render(scope).map(|text| utf8_percent_encode(&text, ENCODED).to_string())
    }

    /// The text as a path: each value one encoded segment or a part of one (RFC 3986 §3.3).
    pub(crate) fn render_path(&self, scope: &Scope<'_>) -> Result<String, String> {
        let path = self.render_with(scope, |value, out| {
            if matches!(value, "" | "." | "..") {
                return Err(format!("the value is {value:?}, which would make another path"));
            }
            out.extend(utf8_percent_encode(value, ENCODED));
            Ok(())
        })?;
        if path.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err("the values form a segment `.` or `..`, which would make another path".to_owned());
        }
        if path.len() > PATH_BYTES_MAX {
            return Err(format!("the path has {} bytes; at most {PATH_BYTES_MAX} are sent", path.len()));
        }
        Ok(path)
    }

    fn render_with(
        &self,
        scope: &Scope<'_>,
        mut insert: impl FnMut(&str, &mut String) -> Result<(), String>,
    ) -> Result<String, String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Value(value) => insert(&as_text(value.evaluate(scope)?)?, &mut out)?,
            }
            if out.len() > BODY_BYTES_MAX {
                return Err(format!("the text is longer than {BODY_BYTES_MAX} bytes"));
            }
        }
        Ok(out)
    }
}

/// Percent-encodes a name in a query.
pub(crate) fn encode(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, ENCODED).into()
}

/// A JSON value with expressions in its texts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    /// Without expressions: copied.
    Constant(Box<str>),
    /// Exactly one expression: its value keeps its type.
    Value(Expression),
    /// Text with values inserted.
    Text(Text),
    List(Vec<Json>),
    /// Keys are JSON strings, quotes included.
    Map(Vec<(Box<str>, Json)>),
}

/// Why a JSON template has no value, and the way to the expression.
pub(crate) type Failure = (Vec<Segment>, String);

impl Json {
    /// Compiles raw JSON. What is wrong is added to `faults`, which stands where the value stands.
    pub(crate) fn compile(raw: &str, visible: &Visible<'_>, faults: &mut Faults) -> Self {
        if !raw.contains(OPEN) {
            return Self::Constant(raw.into());
        }
        let constant = || Self::Constant(raw.into());
        match raw.as_bytes().first() {
            Some(b'{') => {
                let pairs = from_str_with(raw, Pairs).unwrap_or_default();
                Self::Map(
                    pairs
                        .into_iter()
                        .map(|(key, value)| {
                            if key.contains(OPEN) {
                                let message = format!("the key {} has an expression in it", quoted(&key));
                                let fix = "write the key out; only values may have expressions";
                                faults.add_at_key(&key, Fault::new(Code::TemplateNotHere, message, fix));
                            }
                            let mut json = String::with_capacity(key.len() + 2);
                            quote(&key, &mut json);
                            let value =
                                faults.key(&key, |faults| Self::compile(value.get(), visible, faults));
                            (json.into(), value)
                        })
                        .collect(),
                )
            }
            Some(b'[') => {
                let items = from_str_with(raw, Items).unwrap_or_default().into_iter().enumerate();
                let compiled = items
                    .map(|(at, item)| faults.index(at, |faults| Self::compile(item.get(), visible, faults)));
                Self::List(compiled.collect())
            }
            Some(b'"') => {
                let text: String = serde_json::from_str(raw).unwrap_or_default();
                match faults.take(Text::compile(&text, visible)).map(Text::into_single) {
                    None => constant(),
                    Some(Ok(value)) => Self::Value(value),
                    Some(Err(text)) => Self::Text(text),
                }
            }
            Some(_) | None => constant(),
        }
    }

    /// The expressions in it, in order.
    pub(crate) fn expressions<'a>(&'a self, found: &mut Vec<&'a Expression>) {
        match self {
            Self::Constant(_) => {}
            Self::Value(value) => found.push(value),
            Self::Text(text) => found.extend(text.expressions()),
            Self::List(items) => items.iter().for_each(|item| item.expressions(found)),
            Self::Map(entries) => entries.iter().for_each(|(_, value)| value.expressions(found)),
        }
    }

    /// The value as JSON, at most [`BODY_BYTES_MAX`] bytes.
    pub(crate) fn render(&self, scope: &Scope<'_>) -> Result<Vec<u8>, Failure> {
        let mut out = String::new();
        let mut way = Vec::new();
        match self.write(scope, &mut out, &mut way) {
            Ok(()) => Ok(out.into_bytes()),
            Err(message) => Err((way, message)),
        }
    }

    /// On failure `way` is left where it happened.
    fn write(&self, scope: &Scope<'_>, out: &mut String, way: &mut Vec<Segment>) -> Result<(), String> {
        match self {
            Self::Constant(raw) => out.push_str(raw),
            Self::Value(value) => out.push_str(&value.evaluate(scope)?),
            Self::Text(text) => quote(&text.render(scope)?, out),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    way.push(Segment::Index(at));
                    item.write(scope, out, way)?;
                    way.pop();
                }
                out.push(']');
            }
            Self::Map(entries) => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    out.push_str(key);
                    out.push(':');
                    way.push(Segment::Key(serde_json::from_str(key).unwrap_or_default()));
                    value.write(scope, out, way)?;
                    way.pop();
                }
                out.push('}');
            }
        }
        if out.len() > BODY_BYTES_MAX {
            return Err(format!("the value is longer than {BODY_BYTES_MAX} bytes"));
        }
        Ok(())
    }
}
