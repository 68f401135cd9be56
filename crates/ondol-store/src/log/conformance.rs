//! What every [`Log`] must do, as one suite that any implementation runs.
//!
//! It is for the tests of an implementation. It asserts, so a failure is a panic that names the case.
//!
//! ```
//! use ondol_store::log::{Disk, Log, MemoryLog, MemoryOptions, conformance::conformance};
//! use std::{collections::HashMap, sync::Arc};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let mut disks = HashMap::<&str, Disk>::new();
//! conformance(|case| {
//!     let disk = disks.entry(case).or_default();
//!     Arc::new(MemoryLog::open(disk, MemoryOptions::default()))
//! })
//! .await;
//! # }
//! ```

use super::{
    Appended, Entry, Forgotten, Log, LogError, Mark, OpenStream, Position, RECORD_BYTES_MAX, StreamId,
    TAIL_BYTES_MAX, Tailed,
};
use bytes::Bytes;
use futures_util::future::join_all;
use std::sync::Arc;

/// Opens the log of one case: an empty one at first, the same one again when it is asked again. Every
/// earlier handle of that case has been dropped by then.
trait Open: FnMut(&'static str) -> Arc<dyn Log> {}

impl<F: FnMut(&'static str) -> Arc<dyn Log>> Open for F {}

/// Runs every case against the logs that `open` opens.
///
/// `open` gets the name of a case. It must give an empty log when it first sees the name, and the same log
/// opened anew when it sees the name again; the earlier handle has been dropped by then.
pub async fn conformance(mut open: impl FnMut(&'static str) -> Arc<dyn Log>) {
    let open = &mut open;
    starts_empty(open).await;
    counts_and_conflicts(open).await;
    neighbours_of_a_conflict(open).await;
    order_inside_an_append(open).await;
    reopening_keeps_everything(open).await;
    fences_older_epochs(open).await;
    marks_and_hints(open).await;
    pages_of_open_streams(open).await;
    forgets_closed_streams(open).await;
    tells_what_is_gone(open).await;
    concurrent_appends_have_no_gaps(open).await;
    one_of_many_rivals_wins(open).await;
    large_records(open).await;
    odd_stream_ids(open).await;
    many_streams(open).await;
}

async fn starts_empty(open: &mut impl Open) {
    let log = open("starts empty");
    assert_eq!(read(&log, "a", 0).await, [], "a stream that does not exist is empty");
    assert_eq!(tail(&log, 0).await, [], "a new log has no tail");
    assert_eq!(open_streams(&log).await, []);
    assert_eq!(append(&log, vec![]).await, [], "an append of nothing answers nothing");
    assert_eq!(forget(&log, &["a"]).await, [Forgotten::Absent]);
}

async fn counts_and_conflicts(open: &mut impl Open) {
    let log = open("counts and conflicts");
    let cases = [
        (1, Appended::Conflict { actual_seq: 0 }, "a stream that does not exist holds nothing"),
        (0, Appended::Durable(Position(1)), "the first record"),
        (0, Appended::Conflict { actual_seq: 1 }, "must be new"),
        (2, Appended::Conflict { actual_seq: 1 }, "ahead of the stream"),
        (1, Appended::Durable(Position(2)), "the second record: conflicts used no position"),
        (u64::MAX, Appended::Conflict { actual_seq: 2 }, "far ahead"),
    ];
    for (expected_seq, answer, case) in cases {
        assert_eq!(append(&log, vec![entry("a", expected_seq, OPEN, "x")]).await, [answer], "{case}");
    }
    assert_eq!(read(&log, "a", 0).await, [(0, 1, "x".into()), (1, 2, "x".into())]);
    assert_eq!(read(&log, "a", 1).await, [(1, 2, "x".into())], "from_seq is the first one wanted");
    assert_eq!(read(&log, "a", 2).await, [], "nothing yet");
}

async fn neighbours_of_a_conflict(open: &mut impl Open) {
    let log = open("neighbours of a conflict");
    let appended = append(
        &log,
        vec![
            entry("a", 0, OPEN, "a0"),
            entry("b", 7, OPEN, "b7"),
            entry("c", 0, OPEN, "c0"),
            entry("a", 1, OPEN, "a1"),
        ],
    );
    let expected = [
        Appended::Durable(Position(1)),
        Appended::Conflict { actual_seq: 0 },
        Appended::Durable(Position(2)),
        Appended::Durable(Position(3)),
    ];
    assert_eq!(appended.await, expected);
    assert_eq!(read(&log, "b", 0).await, [], "a conflict writes nothing");
    assert_eq!(tail(&log, 0).await, [(1, "a", 0, "a0"), (2, "c", 0, "c0"), (3, "a", 1, "a1")].map(row));
}

async fn order_inside_an_append(open: &mut impl Open) {
    let log = open("order inside an append");
    let entries = vec![
        entry("a", 1, OPEN, "too early"),
        entry("a", 0, OPEN, "0"),
        entry("a", 1, Mark::Closed, "1"),
        entry("a", 1, OPEN, "too late"),
        entry("a", 2, Mark::Open { hint: 9 }, "2"),
    ];
    let expected = [
        Appended::Conflict { actual_seq: 0 },
        Appended::Durable(Position(1)),
        Appended::Durable(Position(2)),
        Appended::Conflict { actual_seq: 2 },
        Appended::Durable(Position(3)),
    ];
    assert_eq!(append(&log, entries).await, expected);
    assert_eq!(open_streams(&log).await, [open_stream("a", 3, 9)], "the last mark counts");
}

async fn reopening_keeps_everything(open: &mut impl Open) {
    const CASE: &str = "reopening keeps everything";
    let log = open(CASE);
    append(&log, vec![entry("a", 0, Mark::Open { hint: 5 }, "a0"), entry("b", 0, Mark::Closed, "b0")]).await;
    append(&log, vec![entry("c", 0, OPEN, "c0"), entry("c", 1, Mark::Closed, "c1")]).await;
    forget(&log, &["c"]).await;
    let first = log.epoch();
    drop(log);
    let log = open(CASE);
    assert!(log.epoch() > first, "each opening takes the next epoch");
    assert_eq!(tail(&log, 0).await, [(1, "a", 0, "a0"), (2, "b", 0, "b0")].map(row));
    assert_eq!(open_streams(&log).await, [open_stream("a", 1, 5)]);
    let answers = append(
        &log,
        vec![
            entry("a", 1, OPEN, "a1"),
            entry("b", 0, OPEN, "-"),
            entry("b", 1, Mark::Closed, "b1"),
            entry("c", 0, OPEN, "new"),
        ],
    );
    let expected = [
        Appended::Durable(Position(5)),
        Appended::Conflict { actual_seq: 1 },
        Appended::Durable(Position(6)),
        Appended::Durable(Position(7)),
    ];
    assert_eq!(
        answers.await,
        expected,
        "positions go on where they were, though the last ones are forgotten"
    );
    drop(log);
    let log = open(CASE);
    assert_eq!(read(&log, "a", 0).await, [(0, 1, "a0".into()), (1, 5, "a1".into())]);
    assert_eq!(tail(&log, 4).await, [(5, "a", 1, "a1"), (6, "b", 1, "b1"), (7, "c", 0, "new")].map(row));
}

async fn fences_older_epochs(open: &mut impl Open) {
    const CASE: &str = "fences older epochs";
    let older = open(CASE).epoch();
    let log = open(CASE);
    let epoch = log.epoch();
    let answers = log.append(older, vec![entry("a", 0, OPEN, "a0"), entry("b", 3, OPEN, "b0")]).await;
    assert_eq!(answers.expect(CASE), [Appended::Fenced { epoch }; 2], "an older epoch writes nothing");
    append(&log, vec![entry("a", 0, Mark::Closed, "a0")]).await;
    assert_eq!(log.forget(older, vec![id("a")]).await.expect(CASE), [Forgotten::Fenced { epoch }]);
    assert_eq!(tail(&log, 0).await, [(1, "a", 0, "a0")].map(row));
}

async fn marks_and_hints(open: &mut impl Open) {
    let log = open("marks and hints");
    let steps = [
        (Mark::Open { hint: 7 }, vec![open_stream("a", 1, 7)]),
        (Mark::Open { hint: u64::MAX }, vec![open_stream("a", 2, u64::MAX)]),
        (Mark::Closed, vec![]),
        (Mark::Closed, vec![]),
        (Mark::Open { hint: 0 }, vec![open_stream("a", 5, 0)]),
        (Mark::Closed, vec![]),
    ];
    for (seq, (mark, expected)) in (0..).zip(steps) {
        append(&log, vec![entry("a", seq, mark, "x")]).await;
        assert_eq!(open_streams(&log).await, expected, "after {mark:?} at {seq}");
    }
}

async fn pages_of_open_streams(open: &mut impl Open) {
    let log = open("pages of open streams");
    let names = ["b", "a", "ab", "c", "aa"];
    append(&log, names.iter().map(|name| entry(name, 0, OPEN, "x")).collect()).await;
    append(&log, vec![entry("ab", 1, Mark::Closed, "x")]).await;
    let page = |after: Option<&'static str>, limit| {
        let log = Arc::clone(&log);
        async move {
            let after = after.map(id);
            let page = log.open_streams(after.as_ref(), limit).await.expect("open streams");
            page.into_iter()
                .map(|open| String::from_utf8_lossy(open.stream.as_bytes()).into_owned())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(page(None, 2).await, ["a", "aa"], "ordered by the bytes of the id");
    assert_eq!(page(Some("aa"), 2).await, ["b", "c"], "a closed stream is skipped");
    assert_eq!(page(Some("c"), 2).await, [""; 0], "the end");
    assert_eq!(page(Some("a~"), 1).await, ["b"], "the cursor need not exist");
    assert_eq!(page(None, 0).await, [""; 0]);
}

async fn forgets_closed_streams(open: &mut impl Open) {
    let log = open("forgets closed streams");
    append(
        &log,
        vec![entry("a", 0, OPEN, "a0"), entry("b", 0, OPEN, "b0"), entry("a", 1, Mark::Closed, "a1")],
    )
    .await;
    append(&log, vec![entry("ab", 0, Mark::Closed, "ab0"), entry("c", 0, OPEN, "c0")]).await;
    let expected = [Forgotten::Dropped { records: 2 }, Forgotten::Open, Forgotten::Absent, Forgotten::Absent];
    assert_eq!(forget(&log, &["a", "b", "x", "a"]).await, expected);
    assert_eq!(read(&log, "a", 0).await, []);
    assert_eq!(read(&log, "ab", 0).await, [(0, 4, "ab0".into())], "a longer name is another stream");
    assert_eq!(tail(&log, 1).await, [(2, "b", 0, "b0"), (4, "ab", 0, "ab0"), (5, "c", 0, "c0")].map(row));
    let again = append(&log, vec![entry("a", 2, OPEN, "-"), entry("a", 0, OPEN, "a0")]).await;
    assert_eq!(
        again,
        [Appended::Conflict { actual_seq: 0 }, Appended::Durable(Position(6))],
        "the id is free again"
    );
    assert_eq!(read(&log, "a", 0).await, [(0, 6, "a0".into())]);
}

async fn tells_what_is_gone(open: &mut impl Open) {
    const CASE: &str = "tells what is gone";
    let log = open(CASE);
    let gone = |log: &Arc<dyn Log>, after| {
        let log = Arc::clone(log);
        async move {
            match log.tail(Position(after), 10).await {
                Err(LogError::Gone { oldest }) => Some(oldest.0),
                Ok(_) => None,
                Err(other) => panic!("{CASE}: {other:?}"),
            }
        }
    };
    for (name, mark) in [("a", Mark::Closed), ("b", OPEN), ("c", Mark::Closed), ("d", Mark::Closed)] {
        append(&log, vec![entry(name, 0, mark, name)]).await;
    }
    assert_eq!(gone(&log, 0).await, None, "nothing is forgotten yet");
    forget(&log, &["c"]).await;
    assert_eq!(gone(&log, 0).await, None, "a gap in the middle is skipped");
    assert_eq!(tail(&log, 1).await, [(2, "b", 0, "b"), (4, "d", 0, "d")].map(row));
    forget(&log, &["a"]).await;
    assert_eq!(gone(&log, 0).await, Some(2), "1 is gone");
    assert_eq!(gone(&log, 1).await, None, "a cursor at 1 has missed nothing");
    append(&log, vec![entry("b", 1, Mark::Closed, "b")]).await;
    forget(&log, &["b", "d"]).await;
    assert_eq!(gone(&log, 4).await, Some(6), "nothing is left: the next position");
    drop(log);
    let log = open(CASE);
    assert_eq!(gone(&log, 4).await, Some(6), "also after reopening");
    assert_eq!(gone(&log, 5).await, None, "a reader that has seen everything");
    assert_eq!(tail(&log, 5).await, []);
    assert_eq!(tail(&log, u64::MAX).await, [], "a cursor ahead of the log");
}

async fn concurrent_appends_have_no_gaps(open: &mut impl Open) {
    const WRITERS: u64 = 50;
    const ROUNDS: u64 = 20;
    let log = open("concurrent appends have no gaps");
    let writer = |name: String| {
        let log = Arc::clone(&log);
        async move {
            for seq in 0..ROUNDS {
                let answer = append(&log, vec![entry(&name, seq, OPEN, "x")]).await;
                let Appended::Durable(position) = answer[0] else { panic!("{name} {seq}: {answer:?}") };
                let seen = tail(&log, position.0 - 1).await;
                assert_eq!(
                    seen[0].0, position.0,
                    "an acknowledged record is in the tail, with none missing before"
                );
            }
        }
    };
    join_all((0..WRITERS).map(|number| writer(format!("writer-{number}")))).await;
    let mut position = 0;
    while let Some(page) =
        Some(log.tail(Position(position), 33).await.expect("tail")).filter(|page| !page.is_empty())
    {
        for record in page {
            position += 1;
            assert_eq!(record.position, Position(position), "no position is missing");
        }
    }
    assert_eq!(position, WRITERS * ROUNDS);
}

async fn one_of_many_rivals_wins(open: &mut impl Open) {
    let log = open("one of many rivals wins");
    let answers = join_all((0..20).map(|_| append(&log, vec![entry("a", 0, OPEN, "x")]))).await;
    let won = answers.iter().filter(|answer| answer[0] == Appended::Durable(Position(1))).count();
    let lost = answers.iter().filter(|answer| answer[0] == Appended::Conflict { actual_seq: 1 }).count();
    assert_eq!((won, lost), (1, 19));
}

async fn large_records(open: &mut impl Open) {
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

async fn odd_stream_ids(open: &mut impl Open) {
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

async fn many_streams(open: &mut impl Open) {
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

const OPEN: Mark = Mark::Open { hint: 0 };

fn id(name: &str) -> StreamId {
    StreamId::new(name).expect("the names of this suite are stream ids")
}

fn entry(stream: &str, expected_seq: u64, mark: Mark, bytes: &str) -> Entry {
    Entry { stream: id(stream), expected_seq, bytes: Bytes::copy_from_slice(bytes.as_bytes()), mark }
}

fn open_stream(stream: &str, seq: u64, hint: u64) -> OpenStream {
    OpenStream { stream: id(stream), seq, hint }
}

/// A tailed record, in a form that is short to write down.
type Row = (u64, StreamId, u64, Bytes);

fn row((position, stream, seq, bytes): (u64, &str, u64, &str)) -> Row {
    (position, id(stream), seq, Bytes::copy_from_slice(bytes.as_bytes()))
}

async fn append(log: &Arc<dyn Log>, entries: Vec<Entry>) -> Vec<Appended> {
    log.append(log.epoch(), entries).await.expect("append")
}

async fn forget(log: &Arc<dyn Log>, streams: &[&str]) -> Vec<Forgotten> {
    log.forget(log.epoch(), streams.iter().map(|name| id(name)).collect()).await.expect("forget")
}

async fn read(log: &Arc<dyn Log>, stream: &str, from_seq: u64) -> Vec<(u64, u64, Bytes)> {
    let records = log.read(&id(stream), from_seq).await.expect("read");
    records.into_iter().map(|record| (record.seq, record.position.0, record.bytes)).collect()
}

async fn tail(log: &Arc<dyn Log>, after: u64) -> Vec<Row> {
    let page = log.tail(Position(after), 100).await.expect("tail");
    page.into_iter().map(|Tailed { position, stream, seq, bytes }| (position.0, stream, seq, bytes)).collect()
}

async fn open_streams(log: &Arc<dyn Log>) -> Vec<OpenStream> {
    log.open_streams(None, 100).await.expect("open streams")
}
