//! Reads what an expression asks for, when it asks.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::cel::ExecutionError;
use ::cel::common::value::{CowVal, Val};
use ::cel::context::VariableResolver;

use super::cel::{Cel, Lookup};
use super::path::{Path, Root};
use super::{Scope, convert, words};
use crate::bounds::EVALUATION_BYTES_MAX;
use crate::finding::quoted;

/// A value and how many bytes of JSON it was, or what is missing.
type Value = Result<(Box<dyn Val>, usize), String>;

/// Reads the variables `#n` on demand, each at most once, and counts what is read.
pub(crate) struct Reader<'c, 'a> {
    cel: &'c Cel,
    /// The JSON in which each lookup begins; read beforehand, since a resolver is shared between threads by its type.
    starts: Vec<Result<Start<'a>, String>>,
    values: Vec<OnceLock<Value>>,
    read: AtomicUsize,
}

/// The beginning of a path: JSON to walk, or a ready text.
#[derive(Clone)]
enum Start<'a> {
    Json(&'a str),
    Text(&'a str),
}

impl<'c, 'a> Reader<'c, 'a> {
    pub(crate) fn new(cel: &'c Cel, scope: &Scope<'a>) -> Self {
        let start = |lookup: &Lookup| {
            let (Lookup::Value(path) | Lookup::Has(path)) = lookup;
            match path.root {
                Root::SagaId => Ok(Start::Text(scope.saga_id)),
                Root::SagaRun => Ok(Start::Text(scope.run)),
                Root::Input | Root::Output(_) | Root::Secret(_) => path.root_json(scope).map(Start::Json),
            }
        };
        Self {
            cel,
            starts: cel.lookups.iter().map(start).collect(),
            values: cel.lookups.iter().map(|_| OnceLock::new()).collect(),
            read: AtomicUsize::new(0),
        }
    }

    /// The value of a lookup and how many bytes of JSON it was.
    fn value(&self, at: usize) -> Result<&(Box<dyn Val>, usize), String> {
        let damaged = || "the expression is damaged".to_owned();
        let lookup = self.cel.lookups.get(at).ok_or_else(damaged)?;
        let start = self.starts.get(at).ok_or_else(damaged)?;
        let slot = self.values.get(at).ok_or_else(damaged)?;
        slot.get_or_init(|| read(lookup, start.clone()?)).as_ref().map_err(Clone::clone)
    }

    /// The error in the words of the file.
    pub(crate) fn explain(&self, error: &ExecutionError) -> String {
        if self.read.load(Ordering::Relaxed) > EVALUATION_BYTES_MAX {
            return format!("the expression reads more than {EVALUATION_BYTES_MAX} bytes");
        }
        match error {
            ExecutionError::UndeclaredReference(name) => match number(name).map(|at| self.value(at)) {
                Some(Err(message)) => message,
                Some(Ok(_)) | None => format!("{} does not exist", quoted(name)),
            },
            ExecutionError::NoSuchKey(name) => format!("the key {} is missing", quoted(name)),
            other => words::of(other),
        }
    }
}

impl VariableResolver for Reader<'_, '_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let (value, bytes) = self.value(number(variable)?).ok()?;
        let cost = bytes.saturating_mul(self.cel.copies);
        let before = self.read.fetch_add(cost, Ordering::Relaxed);
        (before.saturating_add(cost) <= EVALUATION_BYTES_MAX).then(|| CowVal::Borrowed(value.as_ref()))
    }
}

fn read(lookup: &Lookup, start: Start<'_>) -> Value {
    match (lookup, start) {
        (_, Start::Text(text)) => Ok((convert::text(text), text.len())),
        (Lookup::Value(path), Start::Json(json)) => {
            let raw = path.follow(json, path.segments.len())?;
            Ok((convert::from_json(raw)?, raw.len()))
        }
        (Lookup::Has(path), Start::Json(json)) => Ok((has(path, json)?, 1)),
    }
}

fn number(variable: &str) -> Option<usize> {
    variable.strip_prefix('#')?.parse().ok()
}

/// Does the last segment exist? What it would stand in must exist, as CEL has it.
fn has(path: &Path, json: &str) -> Result<Box<dyn Val>, String> {
    let parent = path.follow(json, path.segments.len().saturating_sub(1))?;
    if !parent.starts_with('{') {
        let parent = path.text(path.segments.len().saturating_sub(1));
        return Err(format!("{} is not a mapping", quoted(&parent)));
    }
    Ok(convert::boolean(path.follow(json, path.segments.len()).is_ok()))
}
