//! What a value means to its field: a word, a pattern, a range, or just that there is one.

use super::bounds::{self, End};
use super::error::SyntaxError;
use super::parser::{Parser, Word};
use crate::model::{Level, SpanId, TraceId};
use crate::query::{Field, Test};

const LEVELS: &str =
    "levels are `trace`, `debug`, `info`, `warn`, `error`, `fatal`, and `unset` where nobody said";
const STATUSES: [&str; 3] = ["unset", "ok", "error"];
const KINDS: [&str; 6] = ["unspecified", "internal", "server", "client", "producer", "consumer"];

/// Reads the value of a field. Without a name before it (`named`) a text may begin with `>` or `[`.
pub(super) fn read(parser: &mut Parser<'_>, field: &Field, named: bool) -> Result<Test, SyntaxError> {
    let range = named || *field != Field::Text;
    if range && parser.rest().starts_with(['>', '<']) {
        return compared(parser, field);
    }
    if range && parser.rest().starts_with(['[', '{']) {
        return ranged(parser, field);
    }
    let from = parser.at;
    match parser.word()? {
        Word::Plain(word) => {
            let found = is(field, &word.to_ascii_lowercase());
            found.map_err(|(problem, fix)| SyntaxError::new(parser.text, from, problem, fix))
        }
        Word::Pattern(pattern) if pattern == "*" => Ok(Test::Exists),
        Word::Pattern(_) if *field == Field::Duration => {
            let fix = "write a range: `duration:>500ms` or `duration:[100ms TO 2s]`";
            Err(SyntaxError::new(parser.text, from, "a duration has no wildcards", fix))
        }
        Word::Pattern(pattern) => Ok(Test::Like(pattern.to_ascii_lowercase())),
    }
}

type Wrong = (String, String);

fn is(field: &Field, word: &str) -> Result<Test, Wrong> {
    let one_of = |known: &[&str]| {
        let fix = format!("write one of `{}`", known.join("`, `"));
        if known.contains(&word) { Ok(()) } else { Err((format!("`{word}` is none of them"), fix)) }
    };
    match field {
        Field::Text if word.is_empty() => {
            return Err((
                "there is nothing to look for".to_owned(),
                "write a word between the quotes".to_owned(),
            ));
        }
        Field::Text | Field::Service | Field::Instance | Field::Name | Field::Scope | Field::Attribute(_) => {
        }
        Field::Level => {
            let level =
                bounds::level(word).ok_or_else(|| (format!("`{word}` is no level"), LEVELS.to_owned()))?;
            return Ok(Test::Is(level.name().to_owned()));
        }
        Field::Status => one_of(&STATUSES)?,
        Field::Kind => one_of(&KINDS)?,
        Field::Duration => {
            let ns = bound(field, word)?.0;
            return Ok(Test::Between { min: ns.round(), max: ns.round() });
        }
        Field::Trace => id::<TraceId>(word, "trace", 32)?,
        Field::Span => id::<SpanId>(word, "span", 16)?,
    }
    Ok(Test::Is(word.to_owned()))
}

fn id<T: std::str::FromStr>(word: &str, name: &str, digits: usize) -> Result<(), Wrong> {
    let problem = || format!("an id of a {name} is {digits} hexadecimal digits");
    let fix = || format!("write all of them, or the beginning and a wildcard: `{name}:4bf9*`");
    word.parse::<T>().map(drop).map_err(|_| (problem(), fix()))
}

/// `>500ms`.
fn compared(parser: &mut Parser<'_>, field: &Field) -> Result<Test, SyntaxError> {
    let from = parser.at;
    let rest = parser.rest();
    let above = rest.starts_with('>');
    let end = if rest[1..].starts_with('=') { End::Included } else { End::Excluded };
    parser.at += if end == End::Included { 2 } else { 1 };
    let rest = parser.rest();
    let length =
        rest.find(|next: char| next.is_whitespace() || matches!(next, '(' | ')')).unwrap_or(rest.len());
    let bound = place(parser, field, &rest[..length])?;
    parser.at += length;
    let (min, max) = if above { (Some(lower(bound, end)), None) } else { (None, Some(upper(bound, end))) };
    between(parser, from, field, min, max)
}

/// The number at which a range with this lower bound begins. Above `warn` is above all of its severities.
fn lower((low, high): (f64, f64), end: End) -> (f64, End) {
    (if end == End::Included { low } else { high }, end)
}

/// The number at which a range with this upper bound ends.
fn upper((low, high): (f64, f64), end: End) -> (f64, End) {
    (if end == End::Included { high } else { low }, end)
}

/// `[100ms TO 2s]`.
fn ranged(parser: &mut Parser<'_>, field: &Field) -> Result<Test, SyntaxError> {
    const FIX: &str =
        "write `[a TO b]`, with `{` or `}` where the bound is not meant and `*` where there is none";
    let from = parser.at;
    let rest = parser.rest();
    let Some(close) = rest.find([']', '}']) else {
        return Err(parser.error(format!("this `{}` is never closed", &rest[..1]), FIX));
    };
    let mut parts = rest[1..close].split_whitespace();
    let (Some(low), Some("TO" | "to"), Some(high), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(parser.error("this is no range", FIX));
    };
    let end = |bracket: &str| if matches!(bracket, "[" | "]") { End::Included } else { End::Excluded };
    let (open, shut) = (end(&rest[..1]), end(&rest[close..=close]));
    let mut read = |written: &str| {
        parser.at = from + (written.as_ptr() as usize - rest.as_ptr() as usize);
        if written == "*" { Ok(None) } else { place(parser, field, written).map(Some) }
    };
    let min = read(low)?.map(|bound| lower(bound, open));
    let max = read(high)?.map(|bound| upper(bound, shut));
    parser.at = from + close + 1;
    between(parser, from, field, min, max)
}

/// What a bound stands for: the lowest and the highest number. Only a level is more than one.
fn bound(field: &Field, written: &str) -> Result<(f64, f64), Wrong> {
    match field {
        Field::Level => match bounds::level(&written.to_ascii_lowercase()) {
            Some(level) if level != Level::Unset => Ok(bounds::severities(level)),
            Some(_) => {
                Err(("`unset` has no place among the levels".to_owned(), "write `level:unset`".to_owned()))
            }
            None => Err((format!("`{written}` is no level"), LEVELS.to_owned())),
        },
        Field::Duration => {
            let ns = bounds::duration(written).map_err(|problem| {
                let fix = "write a number and one of ns, us, ms, s, m, h: `500ms`, `1.5s`";
                (problem.to_owned(), fix.to_owned())
            })?;
            Ok((ns, ns))
        }
        Field::Attribute(_) => {
            let number = bounds::number(written).ok_or_else(|| {
                let fix = "write a number, such as `500` or `0.5`; units are known for `duration` alone";
                (format!("`{written}` is no number"), fix.to_owned())
            })?;
            Ok((number, number))
        }
        Field::Text
        | Field::Service
        | Field::Instance
        | Field::Status
        | Field::Kind
        | Field::Name
        | Field::Trace
        | Field::Span
        | Field::Scope => {
            let fix =
                "put the value in quotes; ranges are for `level`, `duration` and attributes that are numbers";
            Err(("this field has no order".to_owned(), fix.to_owned()))
        }
    }
}

fn place(parser: &Parser<'_>, field: &Field, written: &str) -> Result<(f64, f64), SyntaxError> {
    bound(field, written).map_err(|(problem, fix)| parser.error(problem, fix))
}

fn between(
    parser: &Parser<'_>,
    from: usize,
    field: &Field,
    min: Option<(f64, End)>,
    max: Option<(f64, End)>,
) -> Result<Test, SyntaxError> {
    let whole = matches!(field, Field::Level | Field::Duration);
    let (least, most) = match field {
        Field::Level => bounds::SEVERITIES,
        Field::Duration => (0.0, f64::INFINITY),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    };
    let low = min.map(|(bound, end)| bounds::lowest(bound, end, whole));
    let high = max.map(|(bound, end)| bounds::highest(bound, end, whole));
    if low.unwrap_or(least) > high.unwrap_or(most) || low.is_some_and(|low| low > most) {
        let fix = "write the lower bound first, and bounds that leave room between them";
        return Err(SyntaxError::new(parser.text, from, "nothing is in this range", fix));
    }
    Ok(Test::Between { min: low.unwrap_or(f64::NEG_INFINITY), max: high.unwrap_or(f64::INFINITY) })
}
