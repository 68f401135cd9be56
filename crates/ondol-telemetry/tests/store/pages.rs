//! Pages together are the whole: every record once, in one order, whatever happens between two of them.

use ondol_telemetry::Signal;
use ondol_telemetry::model::Log;
use ondol_telemetry::query::{Found, Mark, Order, Query, Start};
use ondol_telemetry::{QueryError, Telemetry};
use proptest::prelude::*;

use crate::batch::{SECOND, START, ask, log, logs, open, span, spans};

/// What happens between two pages.
#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    Nothing,
    /// What is in memory becomes a file; of many small ones a large one.
    Seal,
    /// Records come, with times that were shown and times that were not.
    Arrive,
    Restart,
}

fn meanwhile() -> impl Strategy<Value = Meanwhile> {
    use Meanwhile::{Arrive, Nothing, Restart, Seal};
    prop::sample::select(&[Nothing, Nothing, Seal, Seal, Arrive, Restart][..])
}

/// Records by their times (few), and what they say (little): many have the time of another, and some are equal.
fn records() -> impl Strategy<Value = Vec<(u64, u8)>> {
    prop::collection::vec((0..4_u64, 0..6_u8), 1..60)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

async fn send(store: &Telemetry, service: &str, batch: usize, records: &[(u64, u8)]) {
    let record = |(time, says): &(u64, u8)| log(START + time * SECOND, 9, &format!("says {says}"), &[]);
    let records = records.iter().map(record);
    // One of its own, so that no batch is taken for another that came before.
    let own = log(START + 9 * SECOND, 9, &format!("batch {batch} of {service}"), &[]);
    store.export(Signal::Logs, logs(service, "1", records.chain([own]).collect())).await.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn pages_of_logs_are_the_whole_whatever_happens_between_them(
        batches in prop::collection::vec((records(), any::<bool>()), 1..10),
        sizes in prop::collection::vec(1..40_usize, 1..5),
        between in prop::collection::vec(meanwhile(), 1..12),
        (oldest, count) in any::<(bool, bool)>(),
    ) {
        block_on(pages(&batches, &sizes, &between, oldest, count));
    }
}

async fn pages(
    batches: &[(Vec<(u64, u8)>, bool)],
    sizes: &[usize],
    between: &[Meanwhile],
    oldest: bool,
    count: bool,
) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    for (at, (records, seal)) in batches.iter().enumerate() {
        send(&store, "pay", at, records).await;
        if *seal {
            store.flush().await;
        }
    }
    let mut expected = store.logs(&ask("", 10_000)).unwrap().rows;
    assert!(expected.is_sorted_by(|left, right| left.key() >= right.key()), "one order");
    let order = if oldest { Order::OldestFirst } else { Order::NewestFirst };
    if oldest {
        expected.reverse();
    }
    let mut start = Start { order, after: None };
    let mut seen: Vec<Log> = Vec::new();
    for at in 0.. {
        let query = Query { count, ..ask("", sizes[at % sizes.len()]) };
        let page = store.logs_page(&query, start).unwrap();
        assert!(page.found.rows.len() <= query.limit);
        seen.extend(page.found.rows);
        let Some(next) = page.next else { break };
        start.after = Some(next);
        match between[at % between.len()] {
            Meanwhile::Seal => store.flush().await,
            Meanwhile::Arrive if at < 12 => {
                send(&store, "late", at, &[(0, 0), (1, 1), (2, 2), (3, 3)]).await;
            }
            Meanwhile::Nothing | Meanwhile::Arrive => {}
            Meanwhile::Restart => {
                drop(store);
                store = open(folder.path());
            }
        }
    }
    seen.retain(|log| log.source.service == "pay");
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_shorter_answer_is_the_beginning_of_a_longer_one_where_times_are_equal() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let lines = (0..3_000).map(|at| log(START, 9, &format!("line {at}"), &[]));
    store.export(Signal::Logs, logs("pay", "1", lines.collect())).await.unwrap();
    for stage in ["in memory", "in a file"] {
        let all = store.logs(&ask("", 10_000)).unwrap().rows;
        for limit in [1, 3, 500, 2_999] {
            let found = store.logs(&ask("", limit)).unwrap();
            assert_eq!((found.matched, found.rows.as_slice()), (3_000, &all[..limit]), "{limit} {stage}");
        }
        store.flush().await;
    }
}

#[tokio::test]
async fn pages_of_spans_are_the_whole_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for trace in 1..8_u8 {
        let of = (1..20).map(|id| span(trace, id, 0, "step", START + u64::from(id % 2), 5, false));
        store.export(Signal::Traces, spans("pay", of.collect())).await.unwrap();
        if trace == 4 {
            store.flush().await;
        }
    }
    let all = store.spans(&ask("", 1_000)).unwrap().rows;
    assert_eq!(all.len(), 7 * 19);
    let paged = whole(|start| {
        let page = store.spans_page(&ask("", 8), start)?;
        Ok((page.found, page.next))
    });
    assert_eq!(paged, all);
}

#[tokio::test]
async fn pages_have_no_end_and_say_whether_there_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let lines = (0..12_000).map(|at| log(START + at / 50, 9, &format!("line {at}"), &[]));
    store.export(Signal::Logs, logs("pay", "1", lines.collect())).await.unwrap();
    store.flush().await;
    for limit in [3_000, 10_000] {
        let paged = whole(|start| {
            let query = Query { count: false, ..ask("", limit) };
            let page = store.logs_page(&query, start)?;
            Ok((page.found, page.next))
        });
        assert_eq!(paged.len(), 12_000, "{limit} a page");
    }
    let last = store.logs_page(&ask("\"line 7\"", 1), Start::default()).unwrap();
    assert_eq!((last.found.rows.len(), last.next), (1, None), "a full page may be the last");
}

/// All pages.
fn whole<T>(page: impl Fn(Start) -> Result<(Found<T>, Option<Mark>), QueryError>) -> Vec<T> {
    let (mut start, mut rows) = (Start::default(), Vec::new());
    loop {
        let (found, next) = page(start).unwrap();
        rows.extend(found.rows);
        let Some(next) = next else { return rows };
        start.after = Some(next);
    }
}
