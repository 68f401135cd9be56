//! The lines around a line are those next to it, and a histogram is whole or refused.

use ondol_telemetry::model::{Log, Source};
use ondol_telemetry::query::{Query, Window};
use ondol_telemetry::{QueryError, Signal, Telemetry};

use crate::batch::{SECOND, START, ask, log, logs, open};

async fn send(store: &Telemetry, lines: impl Iterator<Item = (u64, String)>) {
    let records = lines.map(|(time, body)| log(time, 9, &body, &[])).collect();
    store.export(Signal::Logs, logs("pay", "1", records)).await.unwrap();
}

/// What stands before a line, in it and behind it.
fn around(store: &Telemetry, at: (u64, Option<u64>), lines: usize) -> [Vec<String>; 3] {
    let pay = Source { service: "pay".to_owned(), ..Source::default() };
    let around = store.around(&pay, at, lines).unwrap();
    let bodies = |logs: Vec<Log>| logs.into_iter().map(|log| log.body).collect();
    [bodies(around.before), bodies(around.line.into_iter().collect()), bodies(around.after)]
}

#[tokio::test]
async fn the_lines_around_a_line_are_the_nearest_however_many_come_later() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let near = (0..6).map(|at| (START + at * SECOND / 10, format!("near {at}")));
    let burst = (0..12_000).map(|at| (START + 10 * SECOND + at, format!("burst {at}")));
    send(&store, near.chain(burst)).await;
    for stage in ["in memory", "in a file"] {
        let [before, line, after] = around(&store, (START, None), 10);
        assert_eq!((before, line), (vec![], vec!["near 0".to_owned()]), "{stage}");
        let expected = (1..6).map(|at| format!("near {at}")).chain((0..5).map(|at| format!("burst {at}")));
        assert_eq!(after, expected.collect::<Vec<_>>(), "{stage}");
        let [before, _, after] = around(&store, (START + 10 * SECOND, None), 2);
        assert_eq!(
            (before, after),
            (vec!["near 4".into(), "near 5".into()], vec!["burst 1".into(), "burst 2".into()])
        );
        store.flush().await;
    }
}

#[tokio::test]
async fn of_lines_at_one_time_the_one_that_is_meant_is_shown_and_the_others_stand_around_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    send(&store, (0..5).map(|at| (START, format!("line {at}")))).await;
    let mut all = store.logs(&ask("", 9)).unwrap().rows;
    all.reverse();
    let order: Vec<String> = all.iter().map(|log| log.body.clone()).collect();
    for (at, log) in all.iter().enumerate() {
        let said = around(&store, (START, Some(log.key().digest)), 9);
        let expected = [order[..at].to_vec(), vec![order[at].clone()], order[at + 1..].to_vec()];
        assert_eq!(said, expected, "{}", log.body);
    }
    let [before, line, after] = around(&store, (START, Some(1)), 9);
    assert_eq!((before.len(), line, after.len()), (0, vec![], 5), "no line has this digest");
}

#[tokio::test]
async fn around_the_ends_of_time_there_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    send(&store, std::iter::once((START, "a line".to_owned()))).await;
    for at in [0, u64::MAX] {
        for digest in [None, Some(0), Some(u64::MAX)] {
            assert_eq!(around(&store, (at, digest), 10).concat().len(), 0, "{at} {digest:?}");
        }
    }
}

#[tokio::test]
async fn a_histogram_is_whole_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    send(&store, (0..2_001).map(|at| (START + at * SECOND, format!("line {at}")))).await;
    let counts = |from_ns: u64, to_ns: u64| {
        let window = Window { from_ns, to_ns };
        let counts = store.counts(&Query { window, ..ask("", 1) }, SECOND)?;
        Ok::<u64, QueryError>(counts.iter().flat_map(|count| count.levels).sum())
    };
    assert_eq!(counts(START, START + 2_000 * SECOND).unwrap(), 2_000, "as many steps as may be");
    // As long, but begun within a step: one more is touched, and nothing is cut off without a word.
    let refused = counts(START + 1, START + 2_000 * SECOND + 1).unwrap_err();
    assert_eq!(refused.to_string(), "the window touches 2001 steps; at most 2000 are counted");
}
