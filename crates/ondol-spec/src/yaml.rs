//! YAML 1.2 to [`Node`], within bounds.
//!
//! Deliberately less than YAML: no aliases (they make files that grow a billionfold), no tags, one document, text keys,
//! and only numbers that JSON can write. Events are pulled one at a time, so that nothing recurses deeper than
//! [`SOURCE_DEPTH_MAX`].

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};

use crate::bounds::{SOURCE_BYTES_MAX, SOURCE_DEPTH_MAX};
use crate::finding::{Code, Fault};
use crate::node::{Entry, Kind, Node, Position};

/// What is wrong with the text, and where.
pub(crate) type Wrong = (Position, Fault);

/// Reads one document.
pub(crate) fn parse(source: &str) -> Result<Node, Wrong> {
    if source.len() > SOURCE_BYTES_MAX {
        return Err((Position::START, too_large(source.len())));
    }
    let mut parser = Parser::new(StrInput::new(source));
    let mut builder = Builder::default();
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| syntax(&error, source))?;
        if matches!(event, Event::StreamEnd) {
            break;
        }
        builder.take(event, span)?;
    }
    let nothing = Node { kind: Kind::Null, start: Position::START, end: Position::START };
    Ok(builder.root.unwrap_or(nothing))
}

fn syntax(error: &ScanError, source: &str) -> Wrong {
    let at = position(*error.marker());
    let line = source.lines().nth(at.line as usize - 1).unwrap_or_default();
    let fix = if error.info().contains("tab") {
        "indent with spaces; YAML allows no tabs there"
    } else if line.contains(crate::template::OPEN) {
        "put the whole text into single quotes: '${{ … }}' (double quotes are free inside)"
    } else {
        "check the indentation, and quote text that contains : # { } [ ] , & * ! | > ' \" % @ `"
    };
    (at, Fault::new(Code::Syntax, format!("this is not YAML: {}", error.info()), fix))
}

/// The fault of a source above [`SOURCE_BYTES_MAX`].
pub(crate) fn too_large(bytes: usize) -> Fault {
    Fault::new(
        Code::TooLarge,
        format!("the file has {bytes} bytes; at most {SOURCE_BYTES_MAX} are read"),
        "split the system, or send large plans through the API",
    )
}

/// The fault of nesting above [`SOURCE_DEPTH_MAX`].
pub(crate) fn too_deep() -> Fault {
    Fault::new(
        Code::TooDeep,
        format!("values are nested more than {SOURCE_DEPTH_MAX} deep"),
        "flatten the value, or let the service build it",
    )
}

/// The fault of a second key of one name.
pub(crate) fn duplicate_key(key: &str, first: Position) -> Fault {
    Fault::new(
        Code::DuplicateKey,
        format!("`{key}` is given twice; it is already on line {}", first.line),
        "remove or rename one of the two",
    )
}

/// A collection that is not closed yet.
enum Open {
    List(Position, Vec<Node>),
    Map(Position, Mapping),
}

#[derive(Default)]
struct Mapping {
    entries: Vec<Entry>,
    seen: HashMap<String, Position>,
    /// The key whose value comes next.
    pending: Option<(String, Position)>,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Wrong> {
        let start = position(span.start);
        match event {
            Event::Scalar(text, style, _, tag) => {
                no_tag(tag.is_some(), start)?;
                if self.expects_key() {
                    return self.key(text.into_owned(), start);
                }
                let kind = scalar(&text, style).map_err(|fault| (start, fault))?;
                self.put(Node { kind, start, end: position(span.end) });
                Ok(())
            }
            Event::SequenceStart(_, tag) => {
                no_tag(tag.is_some(), start)?;
                self.push(Open::List(start, Vec::new()), start)
            }
            Event::MappingStart(_, tag) => {
                no_tag(tag.is_some(), start)?;
                self.push(Open::Map(start, Mapping::default()), start)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (kind, start) = match self.open.pop() {
                    Some(Open::List(start, items)) => (Kind::List(items), start),
                    Some(Open::Map(start, map)) => (Kind::Map(map.entries), start),
                    None => return Ok(()),
                };
                self.put(Node { kind, start, end: position(span.end) });
                Ok(())
            }
            Event::Alias(_) => Err((start, alias())),
            Event::DocumentStart(_) if self.root.is_some() => Err((start, second_document())),
            Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::StreamStart
            | Event::StreamEnd
            | Event::Nothing => Ok(()),
        }
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Map(_, map)) if map.pending.is_none())
    }

    fn key(&mut self, key: String, start: Position) -> Result<(), Wrong> {
        let Some(Open::Map(_, map)) = self.open.last_mut() else { return Ok(()) };
        if let Some(first) = map.seen.insert(key.clone(), start) {
            return Err((start, duplicate_key(&key, first)));
        }
        map.pending = Some((key, start));
        Ok(())
    }

    fn push(&mut self, open: Open, start: Position) -> Result<(), Wrong> {
        if self.expects_key() {
            let fix = "make the key plain text";
            return Err((start, Fault::new(Code::KeyNotText, "a key must be text, not a collection", fix)));
        }
        if self.open.len() >= SOURCE_DEPTH_MAX {
            return Err((start, too_deep()));
        }
        self.open.push(open);
        Ok(())
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, map)) => {
                // A value without a key cannot come: `take` reads every first scalar of a pair as the key.
                if let Some((key, start)) = map.pending.take() {
                    map.entries.push(Entry { key, start, value: node });
                }
            }
        }
    }
}

fn position(marker: Marker) -> Position {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Position { line: count(marker.line().max(1)), column: count(marker.col()).saturating_add(1) }
}

fn no_tag(tagged: bool, start: Position) -> Result<(), Wrong> {
    if tagged { Err((start, tag())) } else { Ok(()) }
}

fn tag() -> Fault {
    Fault::new(
        Code::Tag,
        "YAML tags (`!…`) have no meaning here",
        "remove the tag; quote text that begins with an exclamation mark",
    )
}

fn alias() -> Fault {
    Fault::new(Code::Alias, "YAML aliases (`*…`) are not read here", "write the value out where it is used")
}

fn second_document() -> Fault {
    Fault::new(
        Code::SeveralDocuments,
        "a system is one YAML document; this is a second one",
        "remove the `---`",
    )
}

/// The core schema of YAML 1.2 (§10.3), except that numbers which JSON cannot write are errors.
fn scalar(text: &str, style: ScalarStyle) -> Result<Kind, Fault> {
    if style != ScalarStyle::Plain {
        return Ok(Kind::Text(text.to_owned()));
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Kind::Null),
        "true" | "True" | "TRUE" => return Ok(Kind::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Kind::Bool(false)),
        _ => {}
    }
    if number_is_json(text) {
        return Ok(Kind::Number(text.to_owned()));
    }
    if number_is_yaml(text) {
        return Err(Fault::new(
            Code::NumberNotJson,
            format!("`{text}` is a number in YAML, but JSON cannot write it"),
            format!("quote it (\"{text}\") if it is text, or write it in plain decimal digits"),
        ));
    }
    Ok(Kind::Text(text.to_owned()))
}

/// RFC 8259 §6.
pub(crate) fn number_is_json(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = digits(rest);
    if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
        return false;
    }
    let rest = match rest.strip_prefix('.').map(digits) {
        None => rest,
        Some(("", _)) => return false,
        Some((_, rest)) => rest,
    };
    exponent(rest)
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// Nothing, or `e`, perhaps a sign, and digits to the end.
fn exponent(text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let Some(rest) = text.strip_prefix(['e', 'E']) else { return false };
    let (power, rest) = digits(rest.strip_prefix(['+', '-']).unwrap_or(rest));
    !power.is_empty() && rest.is_empty()
}

/// Integers and floats of the core schema, beyond those of JSON.
fn number_is_yaml(text: &str) -> bool {
    let based = |prefix: &str, base: u32| {
        text.strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_digit(base)))
    };
    if based("0x", 16) || based("0o", 8) {
        return true;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (whole, rest) = digits(unsigned);
    let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), digits);
    !(whole.is_empty() && fraction.is_empty()) && exponent(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, json: &str) {
        let node = parse(source).unwrap_or_else(|(at, fault)| panic!("{source:?}: {at:?} {fault:?}"));
        assert_eq!(node.to_json(), json, "{source:?}");
    }

    #[test]
    fn scalars_follow_yaml_1_2() {
        check("a: yes", r#"{"a":"yes"}"#);
        check("a: on\nb: True\nc: 'true'", r#"{"a":"on","b":true,"c":"true"}"#);
        check("[~, null, '', \"null\"]", r#"[null,null,"","null"]"#);
        check(
            "[1, -1, 1.50, 1e3, 12345678901234567890123, 0.10]",
            "[1,-1,1.50,1e3,12345678901234567890123,0.10]",
        );
        check("[1.2.3, 1s, 1_000, 12:30, 0b1, '1']", r#"["1.2.3","1s","1_000","12:30","0b1","1"]"#);
        check("", "null");
        check("a: |\n  x\n  y\n", r#"{"a":"x\ny\n"}"#);
    }

    #[test]
    fn places_are_lines_and_columns_from_one() {
        let node = parse("a:\n  - é: 1\n    bb: [2,  x]\n").expect("valid");
        let list = node.get("a").expect("a");
        let Kind::List(items) = &list.kind else { panic!("{list:?}") };
        let bb = items[0].get("bb").expect("bb");
        assert_eq!(bb.start, Position { line: 3, column: 9 });
        let Kind::List(items) = &bb.kind else { panic!("{bb:?}") };
        assert_eq!(items[1].start, Position { line: 3, column: 14 });
    }
}
