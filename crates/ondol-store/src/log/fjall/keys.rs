//! How keys and small values are laid out. Numbers are big-endian, so that bytes sort as numbers do.
//!
//! ```text
//! records   length of stream (1) | stream | seq (8) | position (8)  ->  the record
//! order     position (8)                                            ->  seq (8) | stream
//! open      stream                                                  ->  seq (8) | hint (8)
//! closed    stream                                                  ->  seq (8)
//! ```
//! The position stands in the key of a record so that its value is the caller's own bytes, never copied.

use crate::log::{Position, StreamId};
use std::{error::Error, fmt};

/// Something stored that this version cannot have written.
#[derive(Debug)]
pub(super) struct Corrupt(pub(super) &'static str);

impl fmt::Display for Corrupt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a stored {} is damaged", self.0)
    }
}

impl Error for Corrupt {}

/// What all record keys of `stream` begin with, and no other stream's keys do.
pub(super) fn stream_prefix(stream: &StreamId) -> Vec<u8> {
    let id = stream.as_bytes();
    let mut key = Vec::with_capacity(1 + id.len() + 16);
    // STREAM_ID_BYTES_MAX is below 256.
    key.push(id.len() as u8);
    key.extend_from_slice(id);
    key
}

pub(super) fn record(stream: &StreamId, seq: u64, position: u64) -> Vec<u8> {
    let mut key = stream_prefix(stream);
    key.extend_from_slice(&seq.to_be_bytes());
    key.extend_from_slice(&position.to_be_bytes());
    key
}

/// The seq and the position at the end of a record's key.
pub(super) fn parse_record(key: &[u8]) -> Result<(u64, Position), Corrupt> {
    let (rest, position) = key.split_last_chunk().ok_or(Corrupt("record key"))?;
    let (_, seq) = rest.split_last_chunk().ok_or(Corrupt("record key"))?;
    Ok((u64::from_be_bytes(*seq), Position(u64::from_be_bytes(*position))))
}

pub(super) fn place(stream: &StreamId, seq: u64) -> Vec<u8> {
    let mut value = Vec::with_capacity(8 + stream.as_bytes().len());
    value.extend_from_slice(&seq.to_be_bytes());
    value.extend_from_slice(stream.as_bytes());
    value
}

pub(super) fn parse_place(value: &[u8]) -> Result<(StreamId, u64), Corrupt> {
    let (seq, stream) = value.split_first_chunk().ok_or(Corrupt("place in the order"))?;
    Ok((StreamId::new(stream).map_err(|_| Corrupt("stream id"))?, u64::from_be_bytes(*seq)))
}

pub(super) fn open(seq: u64, hint: u64) -> [u8; 16] {
    let mut value = [0; 16];
    value[..8].copy_from_slice(&seq.to_be_bytes());
    value[8..].copy_from_slice(&hint.to_be_bytes());
    value
}

pub(super) fn parse_open(value: &[u8]) -> Result<(u64, u64), Corrupt> {
    let (seq, hint) = value.split_first_chunk().ok_or(Corrupt("mark"))?;
    Ok((u64::from_be_bytes(*seq), parse_number(hint)?))
}

pub(super) fn parse_number(value: &[u8]) -> Result<u64, Corrupt> {
    Ok(u64::from_be_bytes(value.try_into().map_err(|_| Corrupt("number"))?))
}
