//! Reading the tables. Each query sees one moment of the log.

use super::{
    keys::{self, Corrupt},
    tables::Tables,
};
use crate::log::{LogError, OpenStream, Position, Record, StreamId, TAIL_BYTES_MAX, Tailed};
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

pub(super) fn read(tables: &Tables, stream: &StreamId, from_seq: u64) -> Result<Vec<Record>, LogError> {
    let failed = |error: QueryError| LogError::io("read a stream", error);
    let mut records = Vec::new();
    let mut from = keys::stream_prefix(stream);
    let mut to = from.clone();
    from.extend_from_slice(&from_seq.to_be_bytes());
    to.extend_from_slice(&[u8::MAX; 16]);
    for item in tables.records.range(from..=to) {
        let (key, value) = item.into_inner().map_err(|error| failed(error.into()))?;
        let (seq, position) = keys::parse_record(&key).map_err(|error| failed(error.into()))?;
        records.push(Record { seq, position, bytes: value.into() });
    }
    Ok(records)
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
        let tailed = item
            .into_inner()
            .map_err(QueryError::from)
            .and_then(|(key, value)| tailed(tables, &snapshot, &key, &value))
            .map_err(failed)?;
        page_bytes += tailed.bytes.len();
        page.push(tailed);
    }
    Ok(page)
}

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

fn tailed(
    tables: &Tables,
    snapshot: &fjall::Snapshot,
    position: &[u8],
    place: &[u8],
) -> Result<Tailed, QueryError> {
    let position = keys::parse_number(position)?;
    let (stream, seq) = keys::parse_place(place)?;
    let bytes = snapshot
        .get(&tables.records, keys::record(&stream, seq, position))?
        .ok_or(QueryError::Missing(Position(position)))?;
    Ok(Tailed { position: Position(position), stream, seq, bytes: bytes.into() })
}

/// The oldest position that is kept, or the next to be given when none is.
fn oldest(tables: &Tables, snapshot: &fjall::Snapshot) -> Result<u64, QueryError> {
    let value = snapshot.get(&tables.meta, super::tables::META_OLDEST)?;
    Ok(value.map(|value| keys::parse_number(&value)).transpose()?.unwrap_or(1))
}
