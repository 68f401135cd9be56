//! Terms as 64-bit hashes (XXH3). The hash is stored: its definition never changes.

use xxhash_rust::xxh3::xxh3_64;

use crate::query::Field;

/// The longest value of a field that is a term. Longer ones are looked for in the column.
pub(crate) const VALUE_MAX: usize = 256;

/// A word in lower case.
pub(crate) fn word(folded: impl AsRef<[u8]>) -> u64 {
    xxh3_64(folded.as_ref())
}

/// A field and its value in lower case; nothing where the value is too long to be a term.
pub(crate) fn field(field: &Field, folded: &str) -> Option<u64> {
    let name = match field {
        Field::Text | Field::Duration | Field::Span => return None,
        Field::Service => "service",
        Field::Instance => "instance",
        Field::Level => "level",
        Field::Status => "status",
        Field::Kind => "kind",
        Field::Name => "name",
        Field::Scope => "scope",
        // A trace's id stands in messages, too; as a word it costs nothing more.
        Field::Trace => return Some(word(folded)),
        Field::Attribute(name) => return attribute(name, folded),
    };
    (folded.len() <= VALUE_MAX).then(|| hash(b'\x01', name, folded))
}

/// An attribute and its value in lower case.
pub(crate) fn attribute(name: &str, folded: &str) -> Option<u64> {
    (folded.len() <= VALUE_MAX && name.len() <= VALUE_MAX).then(|| hash(b'\x02', name, folded))
}

fn hash(kind: u8, name: &str, value: &str) -> u64 {
    let mut bytes = [0_u8; 2 * VALUE_MAX + 2];
    let (head, rest) = bytes.split_at_mut(1);
    head[0] = kind;
    rest[..name.len()].copy_from_slice(name.as_bytes());
    // What ends a name cannot be in it: no UTF-8 text has the byte 0xFF.
    rest[name.len()] = 0xFF;
    rest[name.len() + 1..name.len() + 1 + value.len()].copy_from_slice(value.as_bytes());
    let length = 2 + name.len() + value.len();
    xxh3_64(&bytes[..length])
}

/// Texts in lower case, in one buffer that is used again and again.
#[derive(Debug, Default)]
pub(crate) struct Folded(String);

impl Folded {
    /// The text with ASCII letters in lower case.
    pub(crate) fn fold(&mut self, text: &str) -> &str {
        self.0.clear();
        self.0.push_str(text);
        self.0.make_ascii_lowercase();
        &self.0
    }
}
