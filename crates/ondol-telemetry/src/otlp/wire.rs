//! Protocol Buffers read in place: the fields of a message, borrowed from its bytes.
//!
//! It serves the usual: what it does not know how to read as the generated code would (groups, a broken encoding) is
//! [`Unusual`], and the generated code decides.

use prost::encoding::decode_varint;

/// Something the generated code has to look at: maybe it is wrong, maybe only rare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unusual;

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32,
    Bytes(&'a [u8]),
}

/// The fields of a message, in the order in which they were sent.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

#[expect(
    clippy::inline_always,
    reason = "twenty fields a record; to call for each takes as long as to read it"
)]
impl<'a> Fields<'a> {
    #[inline(always)]
    fn field(&mut self) -> Result<(u32, Value<'a>), Unusual> {
        let key = u32::try_from(self.varint()?).map_err(|_| Unusual)?;
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Unusual)?;
                let (bytes, rest) = self.0.split_at_checked(length).ok_or(Unusual)?;
                self.0 = rest;
                Value::Bytes(bytes)
            }
            5 => {
                self.array::<4>()?;
                Value::Fixed32
            }
            _ => return Err(Unusual),
        };
        match key >> 3 {
            0 => Err(Unusual),
            tag => Ok((tag, value)),
        }
    }

    #[inline(always)]
    fn varint(&mut self) -> Result<u64, Unusual> {
        // Nearly all keys and lengths are one byte or two.
        match self.0 {
            [byte @ ..0x80, rest @ ..] => {
                self.0 = rest;
                return Ok(u64::from(*byte));
            }
            [low, high @ ..0x80, rest @ ..] => {
                self.0 = rest;
                return Ok(u64::from(*low & 0x7F) | u64::from(*high) << 7);
            }
            _ => {}
        }
        decode_varint(&mut self.0).map_err(|_| Unusual)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unusual> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Unusual)?;
        self.0 = rest;
        Ok(*bytes)
    }
}

#[expect(
    clippy::inline_always,
    reason = "twenty fields a record; to call for each takes as long as to read it"
)]
impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Value<'a>), Unusual>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

/// A field that holds text.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Unusual> {
    std::str::from_utf8(bytes).map_err(|_| Unusual)
}

/// Puts in what may come only once.
pub(super) fn once<T>(into: &mut Option<T>, value: T) -> Result<(), Unusual> {
    if into.replace(value).is_some() { Err(Unusual) } else { Ok(()) }
}
