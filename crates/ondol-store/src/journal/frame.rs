//! The frame of a record: version, head, events. Events pass one at a time, so that hostile bytes cannot
//! make a large intermediate form.

use bytes::Buf;
use ondol_core::Event;
use prost::Message;

use super::{DecodeError, FORMAT_VERSION, Fault, Part, from_wire, to_wire, wire};

/// The shortest event: its length, the tag of its fact and the fact's length. A record has room for no more
/// events than this allows, whatever its head promises.
const EVENT_BYTES_MIN: usize = 3;

pub(super) fn write(events: &[Event]) -> Vec<u8> {
    let at_ms = events.first().map_or(0, |event| event.at_ms);
    let head = wire::Head { at_ms, events: Some(events.len() as u32) };
    let events: Vec<wire::Event> = events.iter().map(|event| to_wire::event(event, at_ms)).collect();
    // Exact, so that no payload is copied again by growing.
    let length = 1 + delimited_len(&head) + events.iter().map(delimited_len).sum::<usize>();
    let mut out = Vec::with_capacity(length);
    out.push(FORMAT_VERSION);
    push(&mut out, &head);
    for event in &events {
        push(&mut out, event);
    }
    out
}

fn delimited_len(message: &impl Message) -> usize {
    let length = message.encoded_len();
    length + prost::length_delimiter_len(length)
}

fn push(out: &mut Vec<u8>, message: &impl Message) {
    message.encode_length_delimited(out).expect("a Vec has room for everything that fits into memory");
}

pub(super) fn read(mut bytes: &[u8]) -> Result<Vec<Event>, DecodeError> {
    let (at_ms, promised) = open(&mut bytes)?;
    let mut events = Vec::with_capacity((promised as usize).min(bytes.len() / EVENT_BYTES_MIN));
    for found in 0..promised {
        if bytes.is_empty() {
            return Err(DecodeError::Short { promised, found });
        }
        let part = Part::Event(found + 1);
        let event = take(&mut bytes, part)?;
        let event = from_wire::event(event, at_ms).map_err(|(field, fault)| DecodeError::Field {
            part,
            field,
            fault,
        })?;
        events.push(event);
    }
    match bytes.len() {
        0 => Ok(events),
        bytes => Err(DecodeError::Surplus { bytes }),
    }
}

/// Reads up to the first event: when it happened, and how many there are.
pub(super) fn open(bytes: &mut &[u8]) -> Result<(u64, u32), DecodeError> {
    let found = bytes.try_get_u8().map_err(|_| DecodeError::Empty)?;
    if found != FORMAT_VERSION {
        return Err(DecodeError::Version { found, known: FORMAT_VERSION });
    }
    let head: wire::Head = take(bytes, Part::Head)?;
    let missing = DecodeError::Field { part: Part::Head, field: "events", fault: Fault::Missing };
    Ok((head.at_ms, head.events.ok_or(missing)?))
}

/// Reads the next length-delimited message.
pub(super) fn take<M: Message + Default>(bytes: &mut &[u8], part: Part) -> Result<M, DecodeError> {
    M::decode_length_delimited(bytes).map_err(|source| DecodeError::Malformed { part, source })
}
