//! How keys and values are laid out. Numbers are big-endian, so that bytes sort as numbers do.
//!
//! ```text
//! order   position (8)                               ->  length of stream (1) | stream | seq (8) | mark | the record
//! heads   stream                                     ->  mark | seq (8) | positions of its last records (8 each)
//! runs    length of stream (1) | stream | seq (8)    ->  positions of the records from there on, a run of them
//! open    stream                                     ->  seq (8) | hint (8)
//! mark    0: closed    1 | hint (8): open
//! ```
//! A record is written once, under its position, so that new ones are always at the end. The other three are made from
//! it; they are brought up to date from time to time, and `meta` says up to which position they are.

use super::head::Head;
use crate::log::{Mark, Position, StreamId};
use bytes::Bytes;
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

const CLOSED: u8 = 0;
const OPEN: u8 = 1;

/// A record with its place, as `order` has it.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) stream: StreamId,
    pub(super) seq: u64,
    pub(super) mark: Mark,
    pub(super) bytes: Bytes,
}

pub(super) fn placed(stream: &StreamId, seq: u64, mark: Mark, bytes: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(1 + stream.as_bytes().len() + 17 + bytes.len());
    push_stream(&mut value, stream);
    value.extend_from_slice(&seq.to_be_bytes());
    push_mark(&mut value, mark);
    value.extend_from_slice(bytes);
    value
}

pub(super) fn parse_placed(value: &Bytes) -> Result<Placed, Corrupt> {
    let broken = || Corrupt("record");
    let mut rest = &value[..];
    let length = usize::from(take::<1>(&mut rest).ok_or_else(broken)?[0]);
    let (stream, after) = rest.split_at_checked(length).ok_or_else(broken)?;
    let stream = StreamId::new(stream).map_err(|_| Corrupt("stream id"))?;
    rest = after;
    let seq = u64::from_be_bytes(take(&mut rest).ok_or_else(broken)?);
    let mark = take_mark(&mut rest).ok_or_else(broken)?;
    let begin = value.len() - rest.len();
    Ok(Placed { stream, seq, mark, bytes: value.slice(begin..) })
}

pub(super) fn head(head: &Head, mark: Mark) -> Vec<u8> {
    let mut value = Vec::with_capacity(17 + 8 * head.last.len());
    push_mark(&mut value, mark);
    value.extend_from_slice(&head.seq.to_be_bytes());
    push_positions(&mut value, &head.last);
    value
}

pub(super) fn parse_head(mut value: &[u8]) -> Result<Head, Corrupt> {
    let broken = || Corrupt("head of a stream");
    let mark = take_mark(&mut value).ok_or_else(broken)?;
    let seq = u64::from_be_bytes(take(&mut value).ok_or_else(broken)?);
    let last = parse_positions(value)?;
    if last.len() as u64 > seq {
        return Err(broken());
    }
    Ok(Head { seq, mark: Some(mark), last })
}

/// What all keys of `stream` in `runs` begin with, and no other stream's keys do.
pub(super) fn runs_of(stream: &StreamId) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + stream.as_bytes().len() + 8);
    push_stream(&mut key, stream);
    key
}

pub(super) fn run(stream: &StreamId, first_seq: u64) -> Vec<u8> {
    let mut key = runs_of(stream);
    key.extend_from_slice(&first_seq.to_be_bytes());
    key
}

pub(super) fn positions(positions: &[u64]) -> Vec<u8> {
    let mut value = Vec::with_capacity(8 * positions.len());
    push_positions(&mut value, positions);
    value
}

pub(super) fn parse_positions(value: &[u8]) -> Result<Vec<u64>, Corrupt> {
    let (positions, rest) = value.as_chunks();
    if !rest.is_empty() {
        return Err(Corrupt("list of positions"));
    }
    Ok(positions.iter().map(|position| u64::from_be_bytes(*position)).collect())
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

pub(super) fn parse_position(key: &[u8]) -> Result<Position, Corrupt> {
    parse_number(key).map(Position)
}

pub(super) fn parse_number(value: &[u8]) -> Result<u64, Corrupt> {
    Ok(u64::from_be_bytes(value.try_into().map_err(|_| Corrupt("number"))?))
}

fn push_stream(out: &mut Vec<u8>, stream: &StreamId) {
    let id = stream.as_bytes();
    // STREAM_ID_BYTES_MAX is below 256.
    out.push(id.len() as u8);
    out.extend_from_slice(id);
}

fn push_positions(out: &mut Vec<u8>, positions: &[u64]) {
    for position in positions {
        out.extend_from_slice(&position.to_be_bytes());
    }
}

fn push_mark(out: &mut Vec<u8>, mark: Mark) {
    match mark {
        Mark::Closed => out.push(CLOSED),
        Mark::Open { hint } => {
            out.push(OPEN);
            out.extend_from_slice(&hint.to_be_bytes());
        }
    }
}

fn take_mark(from: &mut &[u8]) -> Option<Mark> {
    match take::<1>(from)?[0] {
        CLOSED => Some(Mark::Closed),
        OPEN => Some(Mark::Open { hint: u64::from_be_bytes(take(from)?) }),
        _ => None,
    }
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(*taken)
}
