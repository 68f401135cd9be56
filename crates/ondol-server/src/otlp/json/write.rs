//! Protobuf's wire format, as far as OTLP needs it.

use std::fmt;

use prost::encoding::{WireType, encode_key, encode_varint};

use super::schema::Kind;

/// A number as JSON gave it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(number) => number.fmt(f),
            Self::Signed(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
        }
    }
}

impl Number {
    /// As protobuf's JSON mapping reads a text that stands for a number.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let float = || match text {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => text.parse().ok().filter(|float: &f64| float.is_finite()),
        };
        let unsigned = text.parse().ok().map(Self::Unsigned);
        unsigned.or_else(|| text.parse().ok().map(Self::Signed)).or_else(|| float().map(Self::Float))
    }

    fn whole(self) -> Option<i128> {
        match self {
            Self::Unsigned(number) => Some(number.into()),
            Self::Signed(number) => Some(number.into()),
            #[expect(clippy::cast_possible_truncation, reason = "a whole number within 2^64, checked before")]
            Self::Float(float) if float.fract() == 0.0 && float.abs() < 2_f64.powi(64) => Some(float as i128),
            Self::Float(_) => None,
        }
    }

    const fn float(self) -> f64 {
        match self {
            Self::Unsigned(number) => number as f64,
            Self::Signed(number) => number as f64,
            Self::Float(float) => float,
        }
    }

    fn to<T: TryFrom<i128>>(self) -> Option<T> {
        T::try_from(self.whole()?).ok()
    }
}

/// Writes a field that holds a number. `None` where the number does not fit, or the field holds none.
pub(super) fn number(out: &mut Vec<u8>, field: u32, kind: Kind, number: Number) -> Option<()> {
    match kind {
        Kind::Uint32 => varint(out, field, number.to::<u32>()?.into()),
        Kind::Uint64 => varint(out, field, number.to()?),
        Kind::Int64 => varint(out, field, number.to::<i64>()?.cast_unsigned()),
        Kind::Enum => varint(out, field, i64::from(number.to::<i32>()?).cast_unsigned()),
        Kind::Sint32 => {
            let number: i32 = number.to()?;
            varint(out, field, u64::from(((number << 1) ^ (number >> 31)).cast_unsigned()));
        }
        Kind::Fixed32 => {
            encode_key(field, WireType::ThirtyTwoBit, out);
            out.extend_from_slice(&number.to::<u32>()?.to_le_bytes());
        }
        Kind::Fixed64 => fixed64(out, field, number.to::<u64>()?.to_le_bytes()),
        Kind::Sfixed64 => fixed64(out, field, number.to::<i64>()?.to_le_bytes()),
        Kind::Double => fixed64(out, field, number.float().to_le_bytes()),
        Kind::Text | Kind::Hex | Kind::Base64 | Kind::Bool | Kind::Message(_) => return None,
    }
    Some(())
}

/// Writes a field that is a varint.
pub(super) fn varint(out: &mut Vec<u8>, field: u32, value: u64) {
    encode_key(field, WireType::Varint, out);
    encode_varint(value, out);
}

fn fixed64(out: &mut Vec<u8>, field: u32, bytes: [u8; 8]) {
    encode_key(field, WireType::SixtyFourBit, out);
    out.extend_from_slice(&bytes);
}

/// Writes a field of bytes.
pub(super) fn bytes(out: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    encode_key(field, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Begins a field that is a message; what is written then is in it, until [`close`].
pub(super) fn open(out: &mut Vec<u8>, field: u32) -> usize {
    encode_key(field, WireType::LengthDelimited, out);
    // Most messages are shorter than 128 bytes, and their length is one byte.
    out.push(0);
    out.len()
}

/// Ends the message that began `at`.
pub(super) fn close(out: &mut Vec<u8>, at: usize) {
    let length = out.len() - at;
    if length < 0x80 {
        out[at - 1] = length as u8;
        return;
    }
    let mut prefix = Vec::with_capacity(10);
    encode_varint(length as u64, &mut prefix);
    out.splice(at - 1..at, prefix);
}
