//! Reading the tables. Each query sees one moment of the log.

use super::{
    head::RUN_LENGTH,
    keys::{self, Corrupt},
    recent::Recent,
    tables::Tables,
};
use crate::log::{LogError, OpenStream, Position, Record, StreamId, TAIL_BYTES_MAX, Tailed};
use bytes::Bytes;
use fjall::Readable;
use std::ops::Bound::{Excluded, Unbounded};

/// Why a query failed, before it is known what the query was for.
#[derive(Debug, thiserror::Error)]
pub(super) enum QueryError {
    #[error("the store failed")]
    Store(#[from] fjall::Error),
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    #[error("the record at position {0} is missing")]
    Missing(Position),
}

/// How often a read begins anew when the stream is forgotten under it. Once is enough: the next time it is not there.
const READ_TRIES: usize = 3;

pub(super) fn read(
    tables: &Tables,
    recent: &Recent,
    stream: &StreamId,
    from_seq: u64,
) -> Result<Vec<Record>, LogError> {
    let failed = |error: QueryError| LogError::io("read a stream", error);
    let mut missing = Position::START;
    for _ in 0..READ_TRIES {
        match try_read(tables, recent, stream, from_seq) {
            Err(QueryError::Missing(position)) => missing = position,
            read => return read.map_err(failed),
        }
    }
    Err(failed(QueryError::Missing(missing)))
}

fn try_read(
    tables: &Tables,
    recent: &Recent,
    stream: &StreamId,
    from_seq: u64,
) -> Result<Vec<Record>, QueryError> {
    // In this order: what is no longer in memory has reached the tables.
    let known = recent.head(stream);
    let snapshot = tables.database.snapshot();
    let head = match known {
        Some(known) => known.head,
        None => match snapshot.get(&tables.heads, stream.as_bytes())? {
            Some(value) => keys::parse_head(&value)?,
            None => return Ok(Vec::new()),
        },
    };
    let mut positions = Vec::new();
    let (mut first_seq, in_head) = (from_seq.min(head.seq), head.first_seq());
    if first_seq < in_head {
        first_seq -= first_seq % RUN_LENGTH as u64;
        let runs = keys::run(stream, first_seq)..keys::run(stream, in_head);
        for item in snapshot.range(&tables.runs, runs) {
            positions.extend(keys::parse_positions(&item.value()?)?);
        }
    } else {
        first_seq = in_head;
    }
    positions.extend(head.last);
    let placed = (first_seq..).zip(positions).filter(|(seq, _)| *seq >= from_seq);
    placed
        .map(|(seq, position)| {
            let value = snapshot.get(&tables.order, position.to_be_bytes())?;
            let value = value.ok_or(QueryError::Missing(Position(position)))?;
            let placed = keys::parse_placed(&value.into())?;
            if placed.seq != seq || placed.stream != *stream {
                return Err(Corrupt("place of a record in its stream").into());
            }
            Ok(Record { seq, position: Position(position), bytes: placed.bytes })
        })
        .collect()
}

pub(super) fn tail(tables: &Tables, after: Position, limit: usize) -> Result<Vec<Tailed>, LogError> {
    let snapshot = tables.database.snapshot();
    let failed = |error: QueryError| LogError::io("read the tail of the log", error);
    let oldest = oldest(tables, &snapshot).map_err(failed)?;
    if after.0.saturating_add(1) < oldest {
        return Err(LogError::Gone { oldest: Position(oldest) });
    }
    let mut page_bytes = 0;
    let mut page = Vec::new();
    for item in snapshot.range(&tables.order, (Excluded(after.0.to_be_bytes()), Unbounded)).take(limit) {
        if page_bytes >= TAIL_BYTES_MAX {
            break;
        }
        let tailed = item.into_inner().map_err(QueryError::from);
        let tailed = tailed.and_then(|(key, value)| tailed_of(&key, &value.into())).map_err(failed)?;
        page_bytes += tailed.bytes.len();
        page.push(tailed);
    }
    Ok(page)
}

fn tailed_of(key: &[u8], value: &Bytes) -> Result<Tailed, QueryError> {
    let position = keys::parse_position(key)?;
    let keys::Placed { stream, seq, mark: _, bytes } = keys::parse_placed(value)?;
    Ok(Tailed { position, stream, seq, bytes })
}

/// The open streams, as far as they were settled.
pub(super) fn open_streams(
    tables: &Tables,
    after: Option<&StreamId>,
    limit: usize,
) -> Result<Vec<OpenStream>, LogError> {
    let failed = |error: QueryError| LogError::io("list the open streams", error);
    let from = after.map_or(Unbounded, |after| Excluded(after.as_bytes()));
    let items = tables.open.range::<&[u8], _>((from, Unbounded)).take(limit);
    items
        .map(|item| {
            let (key, value) = item.into_inner()?;
            let stream = StreamId::new(&key).map_err(|_| Corrupt("stream id"))?;
            let (seq, hint) = keys::parse_open(&value)?;
            Ok(OpenStream { stream, seq, hint })
        })
        .collect::<Result<_, QueryError>>()
        .map_err(failed)
}

/// The oldest position that is kept, or the next to be given when none is.
fn oldest(tables: &Tables, snapshot: &fjall::Snapshot) -> Result<u64, QueryError> {
    let value = snapshot.get(&tables.meta, super::tables::META_OLDEST)?;
    Ok(value.map(|value| keys::parse_number(&value)).transpose()?.unwrap_or(1))
}
