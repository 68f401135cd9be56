//! `${{ CEL }}`: compiled once, evaluated over raw JSON.
//!
//! Most expressions are plain paths (`input.price`, `steps.reserve.output.items[0]`); these never reach CEL. They walk the
//! raw bytes and copy the piece they name, so that numbers stay as they were written. Everything else is CEL
//! (<https://cel.dev>), parsed by the `cel` crate with every path replaced by a variable that is read when it is needed.
//!
//! It is not a sandbox with a clock: work is bounded by the size of the expression and of what it reads, so an evaluation
//! cannot run long and needs no timeout.

mod cel;
mod convert;
mod names;
mod order;
mod path;
mod reader;
mod reads;
pub(crate) mod scan;
mod tree;
mod words;

use std::borrow::Cow;

use ondol_core::StepId;

pub(crate) use names::{Place, Visible};
pub(crate) use path::{Path, Root};
pub(crate) use reads::Need;

use crate::bounds::EXPRESSION_BYTES_MAX;
use crate::finding::{Code, Fault};

/// What expressions see when they are evaluated: raw JSON, borrowed.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The saga's input, one JSON value.
    pub input: &'a [u8],
    /// The output of a step, one JSON value (`null` where it was skipped); `None` where there is none.
    pub outputs: &'a dyn Fn(StepId) -> Option<&'a [u8]>,
    /// `saga.id`.
    pub saga_id: &'a str,
    /// `saga.run`.
    pub run: &'a str,
}

/// A compiled expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    /// Copies raw JSON.
    Path(Path),
    /// Computes.
    Cel(Box<cel::Cel>),
}

impl Expression {
    /// Compiles the text between `${{` and `}}`. Call it on a large stack (see [`crate::stack`]).
    pub(crate) fn compile(source: &str, visible: &Visible<'_>) -> Result<Self, Fault> {
        let source = source.trim();
        if source.is_empty() {
            let fix = "name a value, such as ${{ input.user }}";
            return Err(Fault::new(Code::BadExpression, "the expression is empty", fix).pointing_at("${{"));
        }
        let compiled = if source.len() > EXPRESSION_BYTES_MAX {
            Err(Fault::new(
                Code::ExpressionTooComplex,
                format!(
                    "the expression has {} bytes; at most {EXPRESSION_BYTES_MAX} are allowed",
                    source.len()
                ),
                "compute the value in a service, or shorten the expression",
            ))
        } else if let Some(segments) = path::plain(source) {
            names::resolve(&segments, source, visible).map(Self::Path)
        } else {
            cel::Cel::compile(source, visible).map(|cel| Self::Cel(Box::new(cel)))
        };
        compiled.map_err(|fault| if fault.needle.is_some() { fault } else { fault.pointing_at(source) })
    }

    /// What a person would call the value: the last name of a path, `value` of anything computed.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Path(path) => path.name(),
            Self::Cel(_) => "value",
        }
    }

    /// The value as JSON, or what was missing.
    pub(crate) fn evaluate<'a>(&self, scope: &Scope<'a>) -> Result<Cow<'a, str>, String> {
        match self {
            Self::Path(path) => path.read(scope),
            Self::Cel(cel) => cel.evaluate(scope).map(Cow::Owned),
        }
    }

    /// The name of the secret, where the expression is one.
    pub(crate) fn secret(&self) -> Option<&str> {
        match self {
            Self::Path(Path { root: Root::Secret(name), .. }) => Some(name),
            Self::Path(_) | Self::Cel(_) => None,
        }
    }
}

/// A JSON value as text to insert: a string without its quotes, numbers and booleans as written.
pub(crate) fn as_text(json: Cow<'_, str>) -> Result<Cow<'_, str>, String> {
    match json.as_bytes().first() {
        Some(b'"') => {
            let plain = json.len() >= 2 && !json.contains('\\');
            match json {
                Cow::Borrowed(json) if plain => Ok(Cow::Borrowed(&json[1..json.len() - 1])),
                json => serde_json::from_str(&json).map(Cow::Owned).map_err(|error| error.to_string()),
            }
        }
        Some(b'n') | None => Err("the value is null and cannot be inserted into text".to_owned()),
        Some(b'{') => Err("the value is a mapping and cannot be inserted into text".to_owned()),
        Some(b'[') => Err("the value is a list and cannot be inserted into text".to_owned()),
        Some(_) => Ok(json),
    }
}
