//! Exports of log records read in place. Every record of an export is read once; to build the messages of the generated
//! code first, with a string for each name and value, took longer than all the rest of taking it in.

use std::borrow::Cow;

use prost::Message as _;

use super::proto::common::v1::{AnyValue, InstrumentationScope};
use super::proto::logs::v1::LogRecord;
use super::proto::resource::v1::Resource;
use super::values;
use super::wire::{Fields, Unusual, Value, once, text};

/// The records of a program: who it is, and the records by scope.
pub(super) struct OfResource<'a> {
    pub(super) resource: Option<Resource>,
    message: &'a [u8],
}

/// The records of a scope.
pub(super) struct OfScope<'a> {
    pub(super) name: String,
    /// What follows the scope itself.
    rest: &'a [u8],
}

/// The attributes of a record: names, and values as text.
pub(super) type Pairs<'a> = Vec<(&'a str, Cow<'a, str>)>;

/// A record, but for its attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record<'a> {
    pub(super) written_ns: u64,
    pub(super) observed_ns: u64,
    pub(super) severity: i32,
    pub(super) trace: &'a [u8],
    pub(super) span: &'a [u8],
    pub(super) event: &'a str,
    pub(super) body: Cow<'a, str>,
}

/// Can everything of an export be read in place?
pub(super) fn check(export: &[u8]) -> Result<(), Unusual> {
    let mut pairs = Pairs::new();
    for of_resource in resources(export) {
        for of_scope in scopes(&of_resource?) {
            for message in records(&of_scope?) {
                record(message?, &mut pairs)?;
            }
        }
    }
    Ok(())
}

/// What an export holds of each program.
pub(super) fn resources(export: &[u8]) -> impl Iterator<Item = Result<OfResource<'_>, Unusual>> {
    inner(export, 1, 1).map(|message| {
        let message = message?;
        let resource = single(message, 1)?.map(Resource::decode).transpose();
        Ok(OfResource { resource: resource.map_err(|_| Unusual)?, message })
    })
}

/// What a program sent of each scope.
pub(super) fn scopes<'a>(
    of: &OfResource<'a>,
) -> impl Iterator<Item = Result<OfScope<'a>, Unusual>> + use<'a> {
    inner(of.message, 2, 3).map(|message| {
        let (scope, rest) = leading(message?);
        let scope = scope.map(InstrumentationScope::decode).transpose();
        Ok(OfScope { name: scope.map_err(|_| Unusual)?.unwrap_or_default().name, rest })
    })
}

/// The messages of the records of a scope.
pub(super) fn records<'a>(of: &OfScope<'a>) -> impl Iterator<Item = Result<&'a [u8], Unusual>> + use<'a> {
    Fields(of.rest).filter_map(|field| match field {
        Ok((2, Value::Bytes(record))) => Some(Ok(record)),
        // The schema's address.
        Ok((3, Value::Bytes(bytes))) => text(bytes).err().map(Err),
        // The scope has its place before the records.
        Ok((1..=3, _)) => Some(Err(Unusual)),
        Ok(_) => None,
        Err(unusual) => Some(Err(unusual)),
    })
}

/// The message in the first field, if that has the tag 1, and what follows it. To look for it behind all records would fetch
/// the beginning of each from memory once more, which takes as long as to read them all.
fn leading(message: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let mut fields = Fields(message);
    match fields.next() {
        Some(Ok((1, Value::Bytes(bytes)))) => (Some(bytes), fields.0),
        _ => (None, message),
    }
}

/// The messages in the fields with this tag; all fields up to `known` hold messages or text, and the last is text unless
/// it is `tag`.
fn inner(message: &[u8], tag: u32, known: u32) -> impl Iterator<Item = Result<&[u8], Unusual>> {
    Fields(message).filter_map(move |field| match field {
        Ok((of, Value::Bytes(bytes))) if of == tag => Some(Ok(bytes)),
        // The schema's address.
        Ok((3, Value::Bytes(bytes))) if known == 3 => text(bytes).err().map(Err),
        Ok((of, Value::Bytes(_))) if of <= known => None,
        Ok((of, _)) if of <= known => Some(Err(Unusual)),
        Ok(_) => None,
        Err(unusual) => Some(Err(unusual)),
    })
}

/// The one message in the fields with this tag.
fn single(message: &[u8], tag: u32) -> Result<Option<&[u8]>, Unusual> {
    let mut found = None;
    for field in Fields(message) {
        match field? {
            (of, Value::Bytes(bytes)) if of == tag => once(&mut found, bytes)?,
            _ => {}
        }
    }
    Ok(found)
}

/// Reads a record, and its attributes into `pairs`.
pub(super) fn record<'a>(message: &'a [u8], pairs: &mut Pairs<'a>) -> Result<Record<'a>, Unusual> {
    pairs.clear();
    let mut record = Record::default();
    let mut body = None;
    for field in Fields(message) {
        match field? {
            (1, Value::Fixed64(time)) => record.written_ns = time,
            (11, Value::Fixed64(time)) => record.observed_ns = time,
            (2, Value::Varint(number)) => record.severity = number as i32,
            (9, Value::Bytes(id)) => record.trace = id,
            (10, Value::Bytes(id)) => record.span = id,
            (12, Value::Bytes(name)) => record.event = text(name)?,
            (5, Value::Bytes(value)) => once(&mut body, any(value)?)?,
            (3, Value::Bytes(unread)) => drop(text(unread)?),
            (6, Value::Bytes(pair)) => pairs.push(key_value(pair)?),
            (7, Value::Varint(_)) | (8, Value::Fixed32) => {}
            (1..=3 | 5..=12, _) => return Err(Unusual),
            _ => {}
        }
    }
    record.body = body.unwrap_or_default();
    Ok(record)
}

fn key_value(pair: &[u8]) -> Result<(&str, Cow<'_, str>), Unusual> {
    let (mut name, mut value) = ("", None);
    for field in Fields(pair) {
        match field? {
            (1, Value::Bytes(key)) => name = text(key)?,
            (2, Value::Bytes(any_value)) => once(&mut value, any(any_value)?)?,
            (3, Value::Varint(_)) => {}
            (1..=3, _) => return Err(Unusual),
            _ => {}
        }
    }
    Ok((name, value.unwrap_or_default()))
}

/// A value as text. One that is no text is rare, and read by the generated code.
fn any(message: &[u8]) -> Result<Cow<'_, str>, Unusual> {
    let mut fields = Fields(message);
    if let (Some(Ok((1, Value::Bytes(bytes)))), None) = (fields.next(), fields.next()) {
        return text(bytes).map(Cow::Borrowed);
    }
    let value = AnyValue::decode(message).map_err(|_| Unusual)?;
    Ok(Cow::Owned(values::text(Some(&value)).into_owned()))
}

impl<'a> From<&'a LogRecord> for Record<'a> {
    fn from(record: &'a LogRecord) -> Self {
        Self {
            written_ns: record.time_unix_nano,
            observed_ns: record.observed_time_unix_nano,
            severity: record.severity_number,
            trace: &record.trace_id,
            span: &record.span_id,
            event: &record.event_name,
            body: values::text(record.body.as_ref()),
        }
    }
}
