//! What a query probably meant. Attributes have any names, so an unknown one is no error; it may be a mistake.

use std::fmt;

use super::fields;
use crate::query::{Field, Filter, Term, Test};

/// Names shorter than this are not compared: everything is near to a word of three letters.
const NAME_CHARS_MIN: usize = 4;

/// A part of a query that is fine, and probably not what was meant. Worth a line beside an empty answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// As it was written.
    pub written: String,
    /// What was probably meant.
    pub meant: String,
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: did you mean `{}`?", self.written, self.meant)
    }
}

impl Filter {
    /// What was probably meant instead, in the order of the query.
    pub fn hints(&self) -> Vec<Hint> {
        let mut hints = Vec::new();
        collect(self, &mut hints);
        hints
    }
}

fn collect(filter: &Filter, hints: &mut Vec<Hint>) {
    match filter {
        Filter::All => {}
        Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| collect(part, hints)),
        Filter::Not(part) => collect(part, hints),
        Filter::Term(term) => hints.extend(hint(term).filter(|hint| !hints.contains(hint))),
    }
}

fn hint(term: &Term) -> Option<Hint> {
    match (&term.field, &term.test) {
        (Field::Attribute(name), _) => {
            let meant = near(name)?;
            Some(Hint { written: format!("{name}:"), meant: format!("{meant}:") })
        }
        (Field::Text, Test::Is(text) | Test::Like(text)) => operator(text),
        _ => None,
    }
}

/// `level=error` is a word to look for; `level:error` is a question about a field.
fn operator(text: &str) -> Option<Hint> {
    let at = text.find(['=', '<', '>'])?;
    let (name, rest) = text.split_at(at);
    if matches!(fields::named(name), Field::Attribute(_)) {
        return None;
    }
    Some(Hint { written: text.to_owned(), meant: format!("{name}:{}", rest.trim_start_matches('=')) })
}

/// The field whose name was probably meant: another case, one slip, or two in a long name.
fn near(name: &str) -> Option<&'static str> {
    let length = name.chars().count();
    if length < NAME_CHARS_MIN {
        return None;
    }
    let slips = if length > 6 { 2 } else { 1 };
    let lower = name.to_ascii_lowercase();
    // An attribute whose name is a field's own was written in quotes, and is meant.
    fields::offered().find(|offered| *offered != name && strsim::osa_distance(&lower, offered) <= slips)
}
