//! The side-car of a file: the index of its blocks, its traces, its figures. It can be made again from the file, all but
//! the figures' joins with spans of other files.
//!
//! On disk: eight bytes that name the form, the checksum (XXH3) of the rest, then protobuf, compressed with zstd.

use std::collections::BTreeMap;

use prost::Message;
use xxhash_rust::xxh3::xxh3_64;

use super::figures::{Cell, Figures};
use super::traces::TraceLine;
use crate::index::{Bitmap, Block, Rows};
use crate::model::{SpanId, TraceId};

/// Changes with every change of the form, so that an older side-car is made again.
const FORM: [u8; 8] = *b"ondoli02";

/// What a side-car may be decompressed to: more is no side-car of ours.
const SIZE_MAX: usize = 256 << 20;

/// What is known of a file without reading it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SideCar {
    pub(crate) blocks: Vec<Block>,
    /// By trace id; only of spans.
    pub(crate) traces: Vec<TraceLine>,
    pub(crate) figures: Figures,
}

impl SideCar {
    pub(crate) fn rows(&self) -> usize {
        self.blocks.iter().map(|block| block.rows).sum()
    }

    /// Memory it takes, in bytes, roughly.
    pub(crate) fn memory(&self) -> usize {
        self.blocks.iter().map(Block::memory).sum::<usize>() + 160 * self.traces.len() + 4_096
    }
}

/// A side-car that is no use: it is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the side-car is damaged or of another form")]
pub(crate) struct BadSideCar;

pub(crate) fn encode(side: &SideCar) -> std::io::Result<Vec<u8>> {
    let wire = to_wire(side).encode_to_vec();
    let packed = zstd::bulk::compress(&wire, 1)?;
    let mut bytes = Vec::with_capacity(packed.len() + 16);
    bytes.extend_from_slice(&FORM);
    bytes.extend_from_slice(&xxh3_64(&packed).to_le_bytes());
    bytes.extend_from_slice(&packed);
    Ok(bytes)
}

pub(crate) fn decode(bytes: &[u8]) -> Result<SideCar, BadSideCar> {
    let (form, rest) = bytes.split_at_checked(8).ok_or(BadSideCar)?;
    let (sum, packed) = rest.split_at_checked(8).ok_or(BadSideCar)?;
    if form != FORM || sum != xxh3_64(packed).to_le_bytes() {
        return Err(BadSideCar);
    }
    let size =
        zstd::bulk::Decompressor::upper_bound(packed).filter(|size| *size <= SIZE_MAX).ok_or(BadSideCar)?;
    let wire = zstd::bulk::decompress(packed, size).map_err(|_| BadSideCar)?;
    from_wire(wire::SideCar::decode(wire.as_slice()).map_err(|_| BadSideCar)?)
}

/// The form on disk.
mod wire {
    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct SideCar {
        #[prost(message, repeated, tag = "1")]
        pub(super) blocks: Vec<Block>,
        #[prost(string, repeated, tag = "2")]
        pub(super) names: Vec<String>,
        #[prost(message, repeated, tag = "3")]
        pub(super) traces: Vec<Trace>,
        #[prost(message, repeated, tag = "4")]
        pub(super) spans: Vec<Spans>,
        #[prost(message, repeated, tag = "5")]
        pub(super) cells: Vec<Cell>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Block {
        #[prost(uint32, tag = "1")]
        pub(super) rows: u32,
        #[prost(fixed64, tag = "2")]
        pub(super) min_ns: u64,
        #[prost(fixed64, tag = "3")]
        pub(super) max_ns: u64,
        /// Hashes of terms, sorted.
        #[prost(fixed64, repeated, tag = "4")]
        pub(super) terms: Vec<u64>,
        /// Of each term: 0 and a bitmap in `bitmaps`, or how many of `rows_few`.
        #[prost(uint32, repeated, tag = "5")]
        pub(super) sizes: Vec<u32>,
        #[prost(fixed64, repeated, tag = "6")]
        pub(super) bitmaps: Vec<u64>,
        #[prost(uint32, repeated, tag = "7")]
        pub(super) few: Vec<u32>,
        #[prost(fixed64, repeated, tag = "8")]
        pub(super) bloom: Vec<u64>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Trace {
        #[prost(bytes = "vec", tag = "1")]
        pub(super) id: Vec<u8>,
        #[prost(uint32, tag = "2")]
        pub(super) first_row: u32,
        #[prost(uint32, tag = "3")]
        pub(super) rows: u32,
        #[prost(fixed64, tag = "4")]
        pub(super) start_ns: u64,
        #[prost(uint64, tag = "5")]
        pub(super) duration_ns: u64,
        #[prost(uint32, tag = "6")]
        pub(super) orphans: u32,
        #[prost(bool, tag = "7")]
        pub(super) rooted: bool,
        #[prost(uint32, tag = "8")]
        pub(super) service: u32,
        #[prost(uint32, tag = "9")]
        pub(super) name: u32,
        /// Service, spans and errors, three numbers each.
        #[prost(uint32, repeated, tag = "10")]
        pub(super) shares: Vec<u32>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Spans {
        #[prost(uint32, tag = "1")]
        pub(super) service: u32,
        #[prost(uint64, tag = "2")]
        pub(super) step: u64,
        #[prost(uint64, tag = "3")]
        pub(super) count: u64,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Cell {
        /// One more than the place of the caller's name; 0: nobody known.
        #[prost(uint32, tag = "1")]
        pub(super) from: u32,
        #[prost(uint32, tag = "2")]
        pub(super) to: u32,
        #[prost(uint64, tag = "3")]
        pub(super) step: u64,
        #[prost(uint64, tag = "4")]
        pub(super) requests: u64,
        #[prost(uint64, tag = "5")]
        pub(super) errors: u64,
        /// Bucket and count, two numbers each.
        #[prost(uint64, repeated, tag = "6")]
        pub(super) durations: Vec<u64>,
        #[prost(bool, tag = "7")]
        pub(super) failed: bool,
        #[prost(uint64, tag = "8")]
        pub(super) slowest_ns: u64,
        #[prost(bytes = "vec", tag = "9")]
        pub(super) trace: Vec<u8>,
        #[prost(bytes = "vec", tag = "10")]
        pub(super) span: Vec<u8>,
    }
}

#[derive(Default)]
struct Names<'a> {
    places: BTreeMap<&'a str, u32>,
    all: Vec<String>,
}

impl<'a> Names<'a> {
    fn place(&mut self, name: &'a str) -> u32 {
        *self.places.entry(name).or_insert_with(|| {
            self.all.push(name.to_owned());
            self.all.len() as u32 - 1
        })
    }
}

fn to_wire(side: &SideCar) -> wire::SideCar {
    let mut names = Names::default();
    let blocks = side.blocks.iter().map(block_to_wire).collect();
    let traces = side.traces.iter().map(|line| trace_to_wire(line, &mut names)).collect();
    let mut spans = Vec::new();
    for (service, steps) in &side.figures.spans {
        let service = names.place(service);
        spans.extend(steps.iter().map(|(step, count)| wire::Spans { service, step: *step, count: *count }));
    }
    let mut cells = Vec::new();
    for (to, steps) in &side.figures.entries {
        let to = names.place(to);
        cells.extend(steps.iter().map(|(step, cell)| cell_to_wire(0, to, *step, cell)));
    }
    for (from, callees) in &side.figures.calls {
        for (to, steps) in callees {
            let (from, to) = (names.place(from) + 1, names.place(to));
            cells.extend(steps.iter().map(|(step, cell)| cell_to_wire(from, to, *step, cell)));
        }
    }
    wire::SideCar { blocks, traces, spans, cells, names: names.all }
}

fn block_to_wire(block: &Block) -> wire::Block {
    let mut wire = wire::Block {
        rows: block.rows as u32,
        min_ns: block.min_ns,
        max_ns: block.max_ns,
        bloom: block.bloom.clone(),
        ..Default::default()
    };
    for (term, rows) in &block.known {
        wire.terms.push(*term);
        match rows {
            Rows::Many(bitmap) => {
                wire.sizes.push(0);
                wire.bitmaps.extend_from_slice(&bitmap.0);
            }
            Rows::Few(rows) => {
                wire.sizes.push(rows.len() as u32);
                wire.few.extend(rows.iter().map(|row| u32::from(*row)));
            }
        }
    }
    wire
}

fn trace_to_wire<'a>(line: &'a TraceLine, names: &mut Names<'a>) -> wire::Trace {
    let shares = line.shares.iter();
    wire::Trace {
        id: line.trace_id.0.to_vec(),
        first_row: line.first_row,
        rows: line.rows,
        start_ns: line.start_ns,
        duration_ns: line.duration_ns,
        orphans: line.orphans,
        rooted: line.rooted,
        service: names.place(&line.service),
        name: names.place(&line.name),
        shares: shares.flat_map(|(service, spans, errors)| [names.place(service), *spans, *errors]).collect(),
    }
}

fn cell_to_wire(from: u32, to: u32, step: u64, cell: &Cell) -> wire::Cell {
    let (failed, slowest_ns, trace, span) = match cell.exemplar {
        Some((failed, slowest_ns, trace, span)) => (failed, slowest_ns, trace.0.to_vec(), span.0.to_vec()),
        None => (false, 0, Vec::new(), Vec::new()),
    };
    wire::Cell {
        from,
        to,
        step,
        requests: cell.requests,
        errors: cell.errors,
        durations: cell.durations.iter().flat_map(|(bucket, count)| [u64::from(*bucket), *count]).collect(),
        failed,
        slowest_ns,
        trace,
        span,
    }
}

fn from_wire(wire: wire::SideCar) -> Result<SideCar, BadSideCar> {
    let name = |place: u32| wire.names.get(place as usize).cloned().ok_or(BadSideCar);
    let mut figures = Figures::default();
    for spans in &wire.spans {
        figures.spans.entry(name(spans.service)?).or_default().insert(spans.step, spans.count);
    }
    for cell in &wire.cells {
        let to = name(cell.to)?;
        let steps = match cell.from.checked_sub(1) {
            None => figures.entries.entry(to).or_default(),
            Some(from) => figures.calls.entry(name(from)?).or_default().entry(to).or_default(),
        };
        steps.insert(cell.step, cell_from_wire(cell));
    }
    let trace = |line: &wire::Trace| {
        let share = |three: &[u32]| Ok((name(three[0])?, three[1], three[2]));
        Ok(TraceLine {
            trace_id: TraceId::from_bytes(&line.id).ok_or(BadSideCar)?,
            first_row: line.first_row,
            rows: line.rows,
            start_ns: line.start_ns,
            duration_ns: line.duration_ns,
            orphans: line.orphans,
            rooted: line.rooted,
            service: name(line.service)?,
            name: name(line.name)?,
            shares: line.shares.chunks_exact(3).map(share).collect::<Result<_, BadSideCar>>()?,
        })
    };
    Ok(SideCar {
        traces: wire.traces.iter().map(trace).collect::<Result<_, BadSideCar>>()?,
        blocks: wire.blocks.into_iter().map(block_from_wire).collect::<Result<_, BadSideCar>>()?,
        figures,
    })
}

fn cell_from_wire(cell: &wire::Cell) -> Cell {
    let exemplar = TraceId::from_bytes(&cell.trace).zip(SpanId::from_bytes(&cell.span));
    Cell {
        requests: cell.requests,
        errors: cell.errors,
        durations: cell.durations.chunks_exact(2).map(|pair| (pair[0] as u8, pair[1])).collect(),
        exemplar: exemplar.map(|(trace, span)| (cell.failed, cell.slowest_ns, trace, span)),
    }
}

fn block_from_wire(wire: wire::Block) -> Result<Block, BadSideCar> {
    let (mut bitmaps, mut few) = (wire.bitmaps.as_slice(), wire.few.as_slice());
    let mut known = Vec::with_capacity(wire.terms.len());
    for (term, size) in wire.terms.iter().zip(&wire.sizes) {
        let rows = if *size == 0 {
            let (first, rest) = bitmaps.split_at_checked(Bitmap::EMPTY.0.len()).ok_or(BadSideCar)?;
            bitmaps = rest;
            Rows::Many(Box::new(Bitmap(first.try_into().map_err(|_| BadSideCar)?)))
        } else {
            let (first, rest) = few.split_at_checked(*size as usize).ok_or(BadSideCar)?;
            few = rest;
            Rows::Few(first.iter().map(|row| *row as u16).collect())
        };
        known.push((*term, rows));
    }
    Ok(Block { rows: wire.rows as usize, min_ns: wire.min_ns, max_ns: wire.max_ns, known, bloom: wire.bloom })
}
