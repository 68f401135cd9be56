//! The keys of the view. Lists are in the order of creation; numbers are big-endian, so that order is by time.
//!
//! ```text
//! r<id>                          a saga's row
//! t<created><id>                 every saga
//! s<status><created><id>         by status
//! d<definition>\0<created><id>   by definition
//! u<created><id>                 what needs a person
//! v<since><id>                   what has been failing, and is tried again
//! k<cause>\0<created><id>        both, by cause
//! f<minute><definition>          how many began and ended; of all, where the definition is empty
//! g<hour><definition>            the same, by the hour
//! a<at><id>/<seq>                what people did
//! h<id>\0<at><id>/<seq>          the same, by saga
//! e<ended><id>                   what may be dropped, oldest first
//! n<status>                      how many there are
//! x<id>  y<dropped><id>  z       tombstones, by age, how many
//! b<id>                          batches
//! ```

use super::row::Status;

pub(super) const ALL: &[u8] = b"t";
pub(super) const ACTS: &[u8] = b"a";
pub(super) const STUCK: &[u8] = b"u";
pub(super) const FAILING: &[u8] = b"v";
pub(super) const MINUTES: &[u8] = b"f";
pub(super) const HOURS: &[u8] = b"g";
pub(super) const ENDED: &[u8] = b"e";
pub(super) const DROPPED: &[u8] = b"y";
pub(super) const BATCHES: &[u8] = b"b";
pub(super) const TOMBSTONE_COUNT: &[u8] = b"z";

/// Bytes of a time in a key.
const TIME_BYTES: usize = 8;

pub(super) fn row(id: &str) -> Vec<u8> {
    join(b"r", &[id.as_bytes()])
}

pub(super) fn count(status: Status) -> Vec<u8> {
    vec![b'n', status as u8]
}

pub(super) fn by_status(status: Status) -> Vec<u8> {
    vec![b's', status as u8]
}

pub(super) fn by_definition(definition: &str) -> Vec<u8> {
    join(b"d", &[definition.as_bytes(), &[0]])
}

pub(super) fn by_cause(cause: &str) -> Vec<u8> {
    join(b"k", &[cause.as_bytes(), &[0]])
}

pub(super) fn acts_of(saga: &str) -> Vec<u8> {
    join(b"h", &[saga.as_bytes(), &[0]])
}

pub(super) fn tombstone(id: &str) -> Vec<u8> {
    join(b"x", &[id.as_bytes()])
}

pub(super) fn batch(id: &str) -> Vec<u8> {
    join(BATCHES, &[id.as_bytes()])
}

/// A place in an index: the index, a time and an id.
pub(super) fn at(index: &[u8], time_ms: u64, id: &str) -> Vec<u8> {
    join(index, &[&time_ms.to_be_bytes(), id.as_bytes()])
}

/// The time and the id of a place in an index.
pub(super) fn place<'a>(index: &[u8], key: &'a [u8]) -> Option<(u64, &'a str)> {
    let (time, id) = key.strip_prefix(index)?.split_at_checked(TIME_BYTES)?;
    Some((u64::from_be_bytes(time.try_into().ok()?), std::str::from_utf8(id).ok()?))
}

fn join(first: &[u8], rest: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(first.len() + rest.iter().map(|part| part.len()).sum::<usize>());
    key.extend_from_slice(first);
    for part in rest {
        key.extend_from_slice(part);
    }
    key
}
