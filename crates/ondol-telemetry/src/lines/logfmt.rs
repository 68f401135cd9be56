//! A line of `name=value` pairs: `level=info msg="it is done" took=5ms`.

use super::Line;
use super::fields::{Fields, Value};
use super::stamp::Here;

/// Reads the first line as pairs; further lines are added to the message. Nothing where something on it is no pair, or
/// where none of them says a message, a level or a time.
pub(super) fn read(text: &str, here: Here) -> Option<Line> {
    let (first, more) = text.split_once('\n').map_or((text, ""), |(first, more)| (first, more));
    let mut fields = Fields::new(here);
    let mut rest = first.trim();
    while !rest.is_empty() {
        let end = rest.find(|part: char| part == '=' || part == '"' || part.is_whitespace())?;
        let (name, value) = (&rest[..end], rest[end..].strip_prefix('=')?);
        if name.is_empty() {
            return None;
        }
        let (value, after) =
            if let Some(inside) = value.strip_prefix('"') { quoted(inside)? } else { bare(value) };
        fields.put(name, value);
        if !after.is_empty() && !after.starts_with(char::is_whitespace) {
            return None;
        }
        rest = after.trim_start();
    }
    if !fields.speaks() {
        return None;
    }
    let mut line = fields.finish(first);
    if !more.is_empty() {
        line.body.push('\n');
        line.body.push_str(more);
    }
    Some(line)
}

fn bare(text: &str) -> (Value, &str) {
    let (value, after) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    (Value::Text(value.to_owned()), after)
}

/// The value before the closing quote, and what follows.
fn quoted(text: &str) -> Option<(Value, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, next)) = characters.next() {
        match next {
            '"' => return Some((Value::Text(value), &text[at + 1..])),
            '\\' => value.push(match characters.next()?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            }),
            _ => value.push(next),
        }
    }
    None
}
