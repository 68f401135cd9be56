//! What is known of a stream: open or closed, forgotten, gone, and kept over a reopening.

use super::{
    Open,
    fixture::{OPEN, append, entry, forget, id, open_stream, open_streams, read, row, tail},
};
use crate::log::{Appended, Forgotten, Log, LogError, Mark, Position};
use std::sync::Arc;

pub(super) async fn reopening_keeps_everything(open: &mut impl Open) {
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

pub(super) async fn marks_and_hints(open: &mut impl Open) {
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

pub(super) async fn pages_of_open_streams(open: &mut impl Open) {
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

pub(super) async fn forgets_closed_streams(open: &mut impl Open) {
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

pub(super) async fn tells_what_is_gone(open: &mut impl Open) {
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
