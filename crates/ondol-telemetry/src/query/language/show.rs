//! A filter as the text that reads as the same filter, with no bracket that is not needed.

use std::fmt::{self, Write as _};

use super::bounds::{self, End};
use super::fields;
use crate::model::Level;
use crate::query::{Field, Filter, Term, Test};

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_char('*'),
            Self::And(parts) => join(f, parts, " ", |part| matches!(part, Self::And(_) | Self::Or(_))),
            Self::Or(parts) => join(f, parts, " OR ", |part| matches!(part, Self::Or(_))),
            Self::Not(part) => {
                f.write_char('-')?;
                bracketed(f, part, matches!(**part, Self::And(_) | Self::Or(_)))
            }
            Self::Term(term) => write!(f, "{term}"),
        }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    parts: &[Filter],
    between: &str,
    brackets: fn(&Filter) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        bracketed(f, part, brackets(part))?;
    }
    Ok(())
}

fn bracketed(f: &mut fmt::Formatter<'_>, filter: &Filter, brackets: bool) -> fmt::Result {
    if brackets { write!(f, "({filter})") } else { write!(f, "{filter}") }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.field, &self.test) {
            (Field::Text, Test::Is(_) | Test::Like(_)) => {}
            (field, _) => write!(f, "{field}:")?,
        }
        match &self.test {
            Test::Is(text) => is(f, text),
            Test::Like(pattern) => like(f, pattern),
            Test::Between { min, max } => between(f, &self.field, *min, *max),
            Test::Exists => f.write_char('*'),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, fields::name(self)) {
            (_, Some(name)) => f.write_str(name),
            (Self::Attribute(name), None) if fields::named(name) == *self && simple_name(name) => {
                f.write_str(name)
            }
            (Self::Attribute(name), None) => quote(f, name),
            (_, None) => Err(fmt::Error),
        }
    }
}

fn simple_name(name: &str) -> bool {
    name.starts_with(fields::is_name_start) && name.chars().all(fields::is_name_part)
}

/// Characters that mean only themselves wherever they are in a word; a first `-` does not.
fn simple(part: char) -> bool {
    part.is_alphanumeric() || matches!(part, '_' | '.' | '-' | '/' | '@')
}

fn is(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(simple) && !keyword(text) {
        f.write_str(text)
    } else {
        quote(f, text)
    }
}

fn keyword(text: &str) -> bool {
    matches!(text, "AND" | "OR" | "NOT")
}

fn quote(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for part in text.chars() {
        if matches!(part, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(part)?;
    }
    f.write_char('"')
}

fn like(f: &mut fmt::Formatter<'_>, pattern: &str) -> fmt::Result {
    for (index, part) in pattern.chars().enumerate() {
        if part != '*' && (!simple(part) || (index == 0 && part == '-')) {
            f.write_char('\\')?;
        }
        f.write_char(part)?;
    }
    Ok(())
}

fn between(f: &mut fmt::Formatter<'_>, field: &Field, min: f64, max: f64) -> fmt::Result {
    let (low, high) = match field {
        Field::Level => {
            ((level(min).name().to_owned(), End::Included), (level(max).name().to_owned(), End::Included))
        }
        Field::Duration => (
            bounds::show_lowest(min, true, bounds::show_duration),
            bounds::show_highest(max, true, bounds::show_duration),
        ),
        _ => (
            bounds::show_lowest(min, false, bounds::show_number),
            bounds::show_highest(max, false, bounds::show_number),
        ),
    };
    let excluded = |(_, end): &(String, End)| *end == End::Excluded;
    match (min.is_finite(), max.is_finite()) {
        (true, true) if min.to_bits() == max.to_bits() && *field == Field::Duration => {
            f.write_str(&bounds::show_duration(min))
        }
        (true, true) => {
            f.write_char(if excluded(&low) { '{' } else { '[' })?;
            write!(f, "{} TO {}", low.0, high.0)?;
            f.write_char(if excluded(&high) { '}' } else { ']' })
        }
        (true, false) => write!(f, "{}{}", if excluded(&low) { ">" } else { ">=" }, low.0),
        (false, true) => write!(f, "{}{}", if excluded(&high) { "<" } else { "<=" }, high.0),
        (false, false) => f.write_str("[* TO *]"),
    }
}

/// The level of a bound; bounds are whole severities.
fn level(severity: f64) -> Level {
    #[expect(clippy::cast_sign_loss, reason = "a float out of range becomes the nearest number")]
    Level::of(severity as u8)
}
