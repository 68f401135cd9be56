//! Large records, odd names, many streams.

use super::{
    Open,
    fixture::{OPEN, append, entry, id, open_streams, read},
};
use crate::log::{Entry, Forgotten, LogError, Mark, Position, RECORD_BYTES_MAX, StreamId, TAIL_BYTES_MAX};
use bytes::Bytes;

pub(super) async fn large_records(open: &mut impl Open) {
    const CASE: &str = "large records";
    let sizes = [0, 1, 64 << 10, 1 << 20, RECORD_BYTES_MAX];
    let bytes = |size: usize| (0..size).map(|at| (at % 251) as u8).collect::<Bytes>();
    let log = open(CASE);
    for (seq, size) in (0..).zip(sizes) {
        let entry = Entry { stream: id("a"), expected_seq: seq, bytes: bytes(size), mark: OPEN };
        append(&log, vec![entry]).await;
    }
    let too_long = Entry { stream: id("b"), expected_seq: 0, bytes: bytes(RECORD_BYTES_MAX + 1), mark: OPEN };
    let refused = log.append(log.epoch(), vec![entry("c", 0, OPEN, "x"), too_long]).await;
    assert!(
        matches!(refused, Err(LogError::TooLarge { length }) if length == RECORD_BYTES_MAX + 1),
        "{refused:?}"
    );
    assert_eq!(read(&log, "c", 0).await, [], "nothing of the append is written");
    drop(log);
    let log = open(CASE);
    let records = log.read(&id("a"), 0).await.expect(CASE);
    let as_written = records.iter().map(|record| &record.bytes).eq(&sizes.map(bytes));
    assert!(as_written, "every byte comes back");
    let mut position = Position::START;
    let mut seen = 0;
    while let Some(page) = Some(log.tail(position, 10).await.expect(CASE)).filter(|page| !page.is_empty()) {
        let before_last: usize = page.iter().rev().skip(1).map(|record| record.bytes.len()).sum();
        assert!(before_last < TAIL_BYTES_MAX, "a page ends once it is large");
        position = page.last().map_or(position, |record| record.position);
        seen += page.len();
    }
    assert_eq!(seen, sizes.len());
}

pub(super) async fn odd_stream_ids(open: &mut impl Open) {
    const CASE: &str = "odd stream ids";
    let ids: Vec<Vec<u8>> = vec![
        vec![0],
        vec![0, 0],
        vec![0, 0, 0, 0, 0, 0, 0, 0, 0],
        vec![1],
        vec![1, 0],
        vec![0xff],
        vec![0xff; 160],
        vec![0; 160],
        b"a/b\n\"".to_vec(),
        "온돌".into(),
    ];
    let log = open(CASE);
    for bytes in &ids {
        let stream = StreamId::new(bytes).expect(CASE);
        let entries = (0..2).map(|seq| Entry {
            stream: stream.clone(),
            expected_seq: seq,
            bytes: Bytes::copy_from_slice(bytes),
            mark: OPEN,
        });
        append(&log, entries.collect()).await;
    }
    drop(log);
    let log = open(CASE);
    for bytes in &ids {
        let records = log.read(&StreamId::new(bytes).expect(CASE), 0).await.expect(CASE);
        assert_eq!(records.iter().map(|record| &record.bytes).collect::<Vec<_>>(), [bytes; 2], "{bytes:?}");
    }
    let mut sorted = ids;
    sorted.sort();
    let listed = open_streams(&log).await;
    assert_eq!(
        listed.iter().map(|open| open.stream.as_bytes()).collect::<Vec<_>>(),
        sorted,
        "ordered bytewise"
    );
    for length in [0, 161] {
        let refused = StreamId::new(vec![1; length]);
        assert!(matches!(refused, Err(LogError::StreamId { length: named }) if named == length));
    }
}

pub(super) async fn many_streams(open: &mut impl Open) {
    const CASE: &str = "many streams";
    const STREAMS: usize = 5000;
    let log = open(CASE);
    for from in (0..STREAMS).step_by(500) {
        let entries = (from..from + 500).map(|number| {
            let mark = if number % 2 == 0 { OPEN } else { Mark::Closed };
            entry(&format!("{number:05}"), 0, mark, "x")
        });
        append(&log, entries.collect()).await;
    }
    drop(log);
    let log = open(CASE);
    let mut after = None;
    let mut seen = 0;
    loop {
        let page = log.open_streams(after.as_ref(), 700).await.expect(CASE);
        let Some(last) = page.last() else { break };
        after = Some(last.stream.clone());
        seen += page.len();
    }
    assert_eq!(seen, STREAMS / 2);
    let closed: Vec<_> =
        (0..STREAMS).filter(|number| number % 2 == 1).map(|number| id(&format!("{number:05}"))).collect();
    let forgotten = log.forget(log.epoch(), closed).await.expect(CASE);
    assert!(forgotten.iter().all(|answer| *answer == Forgotten::Dropped { records: 1 }));
    assert_eq!(log.tail(Position::START, STREAMS).await.expect(CASE).len(), STREAMS / 2);
}
