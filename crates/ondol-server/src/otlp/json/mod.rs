//! OTLP's JSON made into its protobuf, field by field as it is read: nothing is built in between, so a body takes no more
//! memory than its bytes in both forms.
//!
//! `opentelemetry-proto` can read JSON, too. It is not used here: its reader fails on an unknown member within a value,
//! which the specification says to pass over, and `{"resourceSpans":[{},{},…]}` becomes sixty times its size in memory.
//!
//! The mapping (OTLP 1.9, "JSON Protobuf Encoding"): ids are hexadecimal, enumerations numbers, 64-bit numbers texts or
//! numbers, unknown members are passed over, `null` is as if it were not there.

mod schema;
mod write;

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use ondol_telemetry::Signal;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use schema::{Field, Kind, Message};
use write::Number;

/// Why a body was not made into protobuf.
#[derive(Debug)]
pub(super) enum Bad {
    /// It is no JSON, or none of OTLP.
    Malformed(String),
    /// It would be longer than the bound.
    TooLarge,
}

/// The protobuf of a JSON body, at most `bytes_max` long.
pub(super) fn to_protobuf(signal: Signal, json: &[u8], bytes_max: usize) -> Result<Vec<u8>, Bad> {
    let message = match signal {
        Signal::Traces => &schema::TRACES,
        Signal::Logs => &schema::LOGS,
        Signal::Metrics => &schema::METRICS,
    };
    let mut out = Out { bytes: Vec::with_capacity(json.len() / 2), bytes_max, full: false };
    let mut reader = serde_json::Deserializer::from_slice(json);
    let read = Body { message, out: &mut out }.deserialize(&mut reader).and_then(|()| reader.end());
    match read {
        Ok(()) => Ok(out.bytes),
        Err(_) if out.full => Err(Bad::TooLarge),
        Err(error) => Err(Bad::Malformed(error.to_string())),
    }
}

struct Out {
    bytes: Vec<u8>,
    bytes_max: usize,
    full: bool,
}

/// Reads a message's members.
struct Body<'a> {
    message: &'static Message,
    out: &'a mut Out,
}

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object ({})", self.message.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key_seed(Name)? {
            match self.message.fields.iter().find(|field| field.name == name) {
                Some(field) => members.next_value_seed(Value { field, within: false, out: self.out })?,
                None => drop(members.next_value::<IgnoredAny>()?),
            }
            if self.out.bytes.len() > self.out.bytes_max {
                self.out.full = true;
                return Err(A::Error::custom("too large"));
            }
        }
        Ok(())
    }
}

/// Reads a member's name, without a copy where it has no escapes.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// Reads a member's value.
struct Value<'a> {
    field: &'static Field,
    /// Is it an element of a repeated field?
    within: bool,
    out: &'a mut Out,
}

impl Value<'_> {
    fn number<E: Error>(self, number: Number) -> Result<(), E> {
        let Field { name, number: field, kind, .. } = *self.field;
        write::number(&mut self.out.bytes, field, kind, number)
            .ok_or_else(|| E::custom(format_args!("`{name}` is {number}; it holds {}", kind.said())))
    }

    fn wrong<E: Error>(&self, found: &str) -> E {
        let Field { name, kind, repeated, .. } = *self.field;
        let list = if repeated && !self.within { "a list of " } else { "" };
        E::custom(format_args!("`{name}` is {found}; it holds {list}{}", kind.said()))
    }
}

impl Kind {
    /// What it holds, in words.
    const fn said(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Hex => "hexadecimal digits",
            Self::Base64 => "base64",
            Self::Bool => "true or false",
            Self::Enum => "the number of an enumeration's value",
            Self::Uint32 | Self::Fixed32 => "a whole number of 32 bits",
            Self::Sint32 => "a signed number of 32 bits",
            Self::Uint64 | Self::Fixed64 => "a whole number of 64 bits",
            Self::Int64 | Self::Sfixed64 => "a signed number of 64 bits",
            Self::Double => "a number",
            Self::Message(message) => message.name,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field.kind.said())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        match self.field.kind {
            Kind::Bool => write::varint(&mut self.out.bytes, self.field.number, value.into()),
            _ => return Err(self.wrong("a boolean")),
        }
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.number(Number::Unsigned(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.number(Number::Signed(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.number(Number::Float(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        let number = self.field.number;
        match self.field.kind {
            Kind::Text => write::bytes(&mut self.out.bytes, number, text.as_bytes()),
            Kind::Hex => {
                let id = hex(text).ok_or_else(|| self.wrong(&shown(text)))?;
                write::bytes(&mut self.out.bytes, number, &id);
            }
            Kind::Base64 => {
                let bytes = base64(text).ok_or_else(|| self.wrong(&shown(text)))?;
                write::bytes(&mut self.out.bytes, number, &bytes);
            }
            Kind::Bool | Kind::Enum | Kind::Message(_) => return Err(self.wrong(&shown(text))),
            _ => {
                let number = Number::parse(text).ok_or_else(|| self.wrong(&shown(text)))?;
                return self.number(number);
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        if !self.field.repeated || self.within {
            return Err(self.wrong("a list"));
        }
        while elements.next_element_seed(Value { field: self.field, within: true, out: self.out })?.is_some()
        {
            if self.out.bytes.len() > self.out.bytes_max {
                self.out.full = true;
                return Err(A::Error::custom("too large"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        let Kind::Message(message) = self.field.kind else { return Err(self.wrong("an object")) };
        if self.field.repeated && !self.within {
            return Err(self.wrong("an object"));
        }
        let at = write::open(&mut self.out.bytes, self.field.number);
        Body { message, out: &mut *self.out }.visit_map(members)?;
        write::close(&mut self.out.bytes, at);
        Ok(())
    }
}

/// The beginning of a text, for errors.
fn shown(text: &str) -> String {
    /// Characters: an id has 32.
    const SHOWN_MAX: usize = 40;
    format!("{:?}", text.chars().take(SHOWN_MAX).collect::<String>())
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2).map(|pair| match *pair {
        [high, low] => Some((digit(high)? << 4 | digit(low)?) as u8),
        _ => None,
    });
    pairs.collect()
}

/// Protobuf's JSON mapping takes both alphabets, with and without padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD]
        .iter()
        .find_map(|engine| engine.decode(text).ok())
}

#[cfg(test)]
mod tests;
