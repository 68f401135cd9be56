//! What an append does, alone and beside others.

use super::{
    Open,
    fixture::{OPEN, append, entry, forget, id, open_stream, open_streams, read, row, tail},
};
use crate::log::{Appended, Forgotten, Mark, Position};
use futures_util::future::join_all;
use std::sync::Arc;

pub(super) async fn starts_empty(open: &mut impl Open) {
    let log = open("starts empty");
    assert_eq!(read(&log, "a", 0).await, [], "a stream that does not exist is empty");
    assert_eq!(tail(&log, 0).await, [], "a new log has no tail");
    assert_eq!(open_streams(&log).await, []);
    assert_eq!(append(&log, vec![]).await, [], "an append of nothing answers nothing");
    assert_eq!(forget(&log, &["a"]).await, [Forgotten::Absent]);
}

pub(super) async fn counts_and_conflicts(open: &mut impl Open) {
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

pub(super) async fn neighbours_of_a_conflict(open: &mut impl Open) {
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

pub(super) async fn order_inside_an_append(open: &mut impl Open) {
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

pub(super) async fn fences_older_epochs(open: &mut impl Open) {
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

pub(super) async fn concurrent_appends_have_no_gaps(open: &mut impl Open) {
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

pub(super) async fn one_of_many_rivals_wins(open: &mut impl Open) {
    let log = open("one of many rivals wins");
    let answers = join_all((0..20).map(|_| append(&log, vec![entry("a", 0, OPEN, "x")]))).await;
    let won = answers.iter().filter(|answer| answer[0] == Appended::Durable(Position(1))).count();
    let lost = answers.iter().filter(|answer| answer[0] == Appended::Conflict { actual_seq: 1 }).count();
    assert_eq!((won, lost), (1, 19));
}
