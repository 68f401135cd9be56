//! Short ways to call a log and to write down what it answers.

use crate::log::{Appended, Entry, Forgotten, Log, Mark, OpenStream, Position, StreamId, Tailed};
use bytes::Bytes;
use std::sync::Arc;

pub(super) const OPEN: Mark = Mark::Open { hint: 0 };

pub(super) fn id(name: &str) -> StreamId {
    StreamId::new(name).expect("the names of this suite are stream ids")
}

pub(super) fn entry(stream: &str, expected_seq: u64, mark: Mark, bytes: &str) -> Entry {
    Entry { stream: id(stream), expected_seq, bytes: Bytes::copy_from_slice(bytes.as_bytes()), mark }
}

pub(super) fn open_stream(stream: &str, seq: u64, hint: u64) -> OpenStream {
    OpenStream { stream: id(stream), seq, hint }
}

/// A tailed record, in a form that is short to write down.
pub(super) type Row = (u64, StreamId, u64, Bytes);

pub(super) fn row((position, stream, seq, bytes): (u64, &str, u64, &str)) -> Row {
    (position, id(stream), seq, Bytes::copy_from_slice(bytes.as_bytes()))
}

pub(super) async fn append(log: &Arc<dyn Log>, entries: Vec<Entry>) -> Vec<Appended> {
    log.append(log.epoch(), entries).await.expect("append")
}

pub(super) async fn forget(log: &Arc<dyn Log>, streams: &[&str]) -> Vec<Forgotten> {
    log.forget(log.epoch(), streams.iter().map(|name| id(name)).collect()).await.expect("forget")
}

pub(super) async fn read(log: &Arc<dyn Log>, stream: &str, from_seq: u64) -> Vec<(u64, u64, Bytes)> {
    let records = log.read(&id(stream), from_seq).await.expect("read");
    records.into_iter().map(|record| (record.seq, record.position.0, record.bytes)).collect()
}

pub(super) async fn tail(log: &Arc<dyn Log>, after: u64) -> Vec<Row> {
    let page = log.tail(Position(after), 100).await.expect("tail");
    page.into_iter().map(|Tailed { position, stream, seq, bytes }| (position.0, stream, seq, bytes)).collect()
}

pub(super) async fn open_streams(log: &Arc<dyn Log>) -> Vec<OpenStream> {
    log.open_streams(None, 100).await.expect("open streams")
}
