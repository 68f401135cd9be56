//! What was acknowledged is there, once.

use ondol_telemetry::model::TraceId;
use ondol_telemetry::query::Window;
use ondol_telemetry::{Counted, ExportError, Signal};

use crate::batch::{SECOND, START, ask, log, logs, now, open, open_with, span, spans};

#[tokio::test]
async fn records_are_found_at_once_after_a_restart_and_in_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    for batch in 0..4 {
        let records = (0..1_500)
            .map(|at| log(START + (batch * 1_500 + at) * SECOND, 9, &format!("line {batch}-{at}"), &[]));
        let exported = store.export(Signal::Logs, logs("pay", "1", records.collect())).await.unwrap();
        assert_eq!((exported.accepted, exported.rejected), (1_500, 0));
    }
    for stage in ["in memory", "after a restart", "in files", "in files, after a restart"] {
        match stage {
            "in files" => store.flush().await,
            "in memory" => {}
            _ => {
                drop(store);
                store = open(folder.path());
            }
        }
        let found = store.logs(&ask("service:pay", 3)).unwrap();
        assert_eq!((found.matched, found.exact), (6_000, true), "{stage}");
        let bodies: Vec<&str> = found.rows.iter().map(|log| log.body.as_str()).collect();
        assert_eq!(bodies, ["line 3-1499", "line 3-1498", "line 3-1497"], "{stage}");
        let one = store.logs(&ask("\"line 2-77\"", 10)).unwrap();
        assert_eq!(one.rows.len(), 1, "{stage}");
        assert_eq!(one.rows[0].source.instance, "1", "{stage}");
    }
    let status = store.status(Signal::Logs);
    assert_eq!((status.records, status.files), (6_000, 3), "three hours, a file each");
    assert_eq!(status.oldest_ns, Some(START));
}

#[tokio::test]
async fn a_batch_that_comes_again_is_counted_and_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let batch = logs("pay", "1", vec![log(START, 17, "once", &[])]);
    assert_eq!(store.export(Signal::Logs, batch.clone()).await.unwrap().accepted, 1);
    assert_eq!(store.export(Signal::Logs, batch.clone()).await.unwrap().duplicates, 1);
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.export(Signal::Logs, batch.clone()).await.unwrap().duplicates, 1);
    store.flush().await;
    assert_eq!(store.export(Signal::Logs, batch).await.unwrap().duplicates, 1);
    assert_eq!(store.logs(&ask("once", 9)).unwrap().matched, 1);
    let ledger = store.ledger();
    assert_eq!(ledger.len(), 1);
    assert_eq!(ledger[0].counted, Counted { received: 4, stored: 1, duplicates: 3, rejected: 0 });
}

#[tokio::test]
async fn what_cannot_be_kept_is_counted_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let day = 86_400 * SECOND;
    let records = vec![
        log(now() - 8 * day, 9, "old", &[]),
        log(now() + day, 9, "tomorrow", &[]),
        log(now() + 60 * SECOND, 9, "a little fast", &[]),
        log(0, 9, "no time", &[]),
    ];
    let exported = store.export(Signal::Logs, logs("pay", "1", records)).await.unwrap();
    assert_eq!((exported.accepted, exported.rejected), (2, 2));
    insta::assert_snapshot!(exported.message, @"1 older than telemetry is kept (--telemetry-age); 1 over an hour in the future: check the sender's clock");
    let mut nameless = span(1, 1, 0, "x", START, 1, false);
    nameless.span_id.clear();
    let exported = store.export(Signal::Traces, spans("pay", vec![nameless])).await.unwrap();
    assert_eq!((exported.accepted, exported.rejected), (0, 1));
    let error = store.export(Signal::Traces, b"no protobuf"[..].into()).await.unwrap_err();
    assert!(matches!(error, ExportError::Malformed { .. }), "{error}");
}

#[tokio::test]
async fn a_trace_is_whole_wherever_its_spans_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let at = |seconds: u64| START + 899 * SECOND + seconds * SECOND;
    store
        .export(Signal::Traces, spans("shop", vec![span(7, 1, 0, "buy", at(0), 3_000, true)]))
        .await
        .unwrap();
    store.flush().await;
    store
        .export(Signal::Traces, spans("pay", vec![span(7, 2, 1, "charge", at(2), 500, true)]))
        .await
        .unwrap();
    store
        .export(
            Signal::Traces,
            spans(
                "pay",
                vec![span(7, 2, 1, "charge", at(2), 500, true), span(7, 3, 9, "lost", at(1), 1, false)],
            ),
        )
        .await
        .unwrap();
    for stage in ["in memory", "after a restart", "in files"] {
        match stage {
            "in files" => store.flush().await,
            "in memory" => {}
            _ => {
                drop(store);
                store = open(folder.path());
            }
        }
        let names: Vec<String> =
            store.trace(TraceId([7; 16])).unwrap().into_iter().map(|span| span.name).collect();
        assert_eq!(names, ["buy", "lost", "charge"], "{stage}");
        let rows = store.traces(&ask("status:error", 10), None).unwrap().rows;
        assert_eq!(rows.len(), 1, "{stage}");
        assert_eq!((rows[0].service.as_str(), rows[0].name.as_str()), ("shop", "buy"), "{stage}");
        assert_eq!(
            (rows[0].spans, rows[0].errors, rows[0].orphans, rows[0].rooted),
            (3, 2, 1, true),
            "{stage}"
        );
        let map = store.map(Window::EVER).unwrap();
        let calls: Vec<_> = map
            .calls
            .iter()
            .map(|call| (call.from.as_str(), call.to.as_str(), call.figures.requests))
            .collect();
        assert_eq!(calls, [("shop", "pay", 1)], "{stage}");
    }
    assert_eq!(store.trace(TraceId([8; 16])).unwrap(), []);
}

#[tokio::test]
async fn damaged_files_are_set_aside_and_side_cars_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for hour in 0..2 {
        let records = (0..100)
            .map(|at| log(START + (hour * 3_600 + at) * SECOND, 9, &format!("hour {hour} line {at}"), &[]));
        store.export(Signal::Logs, logs("pay", "1", records.collect())).await.unwrap();
    }
    store.flush().await;
    drop(store);
    let mut files: Vec<_> = walk(folder.path())
        .into_iter()
        .filter(|path| path.extension().is_some_and(|of| of == "parquet"))
        .collect();
    files.sort();
    assert_eq!(files.len(), 2);
    std::fs::write(files[0].with_extension("index"), "damaged").unwrap();
    let whole = std::fs::read(&files[1]).unwrap();
    std::fs::write(&files[1], &whole[..whole.len() - 9]).unwrap();
    let store = open(folder.path());
    assert_eq!(store.logs(&ask("hour", 1)).unwrap().matched, 100);
    assert_eq!(store.logs(&ask("\"hour 0 line 42\"", 1)).unwrap().matched, 1);
    assert!(files[1].with_extension("parquet.damaged").exists());
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn a_batch_that_came_twice_at_once_is_refused_twice_where_it_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_with(folder.path(), |options| options.free_min = u64::MAX);
    let batch = logs("pay", "1", vec![log(START, 17, "never written", &[])]);
    let all = (0..60).map(|_| store.export(Signal::Logs, batch.clone()));
    let said = futures_util::future::join_all(all).await;
    let taken = said.iter().filter(|said| said.is_ok()).count();
    assert_eq!(taken, 0, "nothing was written, so nothing may be acknowledged");
    assert_eq!(store.logs(&ask("", 9)).unwrap().matched, 0);
}

#[tokio::test]
async fn a_body_that_stands_twice_in_a_segment_is_taken_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.export(Signal::Logs, logs("pay", "1", vec![log(START, 9, "once", &[])])).await.unwrap();
    drop(store);
    // As a write leaves it whose sync failed, whose sender was refused, and who sent it again.
    let segment = folder.path().join("wal/0000000000.logs.wal");
    let bytes = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, [bytes.clone(), bytes].concat()).unwrap();
    let store = open(folder.path());
    assert_eq!(store.logs(&ask("once", 9)).unwrap().matched, 1);
}

#[tokio::test]
async fn small_files_of_an_hour_become_one_and_nothing_is_lost_or_doubled() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    for batch in 0..8_u8 {
        let at = START + u64::from(batch) * SECOND;
        let records = (0..300).map(|line| log(at + line, 9, &format!("batch {batch} line {line}"), &[]));
        store.export(Signal::Logs, logs("pay", "1", records.collect())).await.unwrap();
        // Each is called by the one before: a parent is looked for in two generations.
        let one = span(9, batch + 1, batch, "step", at, 5, batch == 3);
        store
            .export(Signal::Traces, spans(["shop", "pay"][usize::from(batch > 0)], vec![one]))
            .await
            .unwrap();
        assert_eq!(store.status(Signal::Logs).files, u64::from(batch), "not before there are enough");
        store.flush().await;
    }
    for stage in ["merged", "after a restart"] {
        if stage != "merged" {
            drop(store);
            store = open(folder.path());
        }
        let status = store.status(Signal::Logs);
        assert_eq!((status.files, status.records), (1, 2_400), "{stage}");
        assert_eq!(store.logs(&ask("\"batch 5 line 77\"", 9)).unwrap().matched, 1, "{stage}");
        assert_eq!(store.logs(&ask("service:pay", 1)).unwrap().matched, 2_400, "{stage}");
        assert_eq!(store.status(Signal::Traces).files, 1, "{stage}");
        assert_eq!(store.trace(TraceId([9; 16])).unwrap().len(), 8, "{stage}");
        let row = &store.traces(&ask("status:error", 1), None).unwrap().rows[0];
        assert_eq!((row.spans, row.errors, row.orphans), (8, 1, 0), "{stage}");
        let map = store.map(Window::EVER).unwrap();
        assert_eq!((map.calls.len(), map.calls[0].figures.requests), (1, 1), "{stage}");
    }
}

#[tokio::test]
async fn files_are_not_merged_beyond_the_memory_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_with(folder.path(), |options| options.memory_max = 8 << 20);
    let long = "x".repeat(200 << 10);
    for batch in 0..9 {
        let records =
            (0..3).map(|line| log(START + batch * SECOND + line, 9, &format!("{batch}-{line} {long}"), &[]));
        store.export(Signal::Logs, logs("pay", "1", records.collect())).await.unwrap();
        store.flush().await;
    }
    let status = store.status(Signal::Logs);
    assert_eq!(status.records, 27);
    assert_eq!(status.files, 9, "600 KiB each, and never eight of them in one megabyte");
}

#[tokio::test]
async fn a_crash_between_the_steps_of_sealing_and_merging_neither_loses_nor_doubles() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let batch = |number: u64| logs("pay", "1", vec![log(START + number, 9, &format!("line {number}"), &[])]);
    store.export(Signal::Logs, batch(0)).await.unwrap();
    let segment = folder.path().join("wal/0000000000.logs.wal");
    let kept = std::fs::read(&segment).unwrap();
    store.flush().await;
    assert!(!segment.exists());
    drop(store);
    // Killed when its files were written and its segment was not yet deleted.
    std::fs::write(&segment, kept).unwrap();
    let store = open(folder.path());
    assert_eq!(store.logs(&ask("line", 9)).unwrap().matched, 1);
    let mut small = std::collections::BTreeMap::new();
    for number in 1..9 {
        let files = walk(&folder.path().join("logs"));
        small.extend(files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())));
        store.export(Signal::Logs, batch(number)).await.unwrap();
        store.flush().await;
    }
    let merged = store.logs(&ask("line", 9)).unwrap().matched;
    assert_eq!((merged, store.status(Signal::Logs).files < 9), (9, true), "some were merged");
    drop(store);
    // Killed when the merged file was written and the others were not yet deleted.
    for (path, bytes) in small {
        std::fs::write(path, bytes).unwrap();
    }
    let store = open(folder.path());
    assert_eq!(store.logs(&ask("line", 9)).unwrap().matched, 9);
}

#[tokio::test]
async fn a_span_that_comes_again_with_another_time_is_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let attempt = |start_ns: u64| span(4, 2, 1, "charge", start_ns, 5, true);
    let export = async |of: Vec<_>| store.export(Signal::Traces, spans("ondol", of)).await.unwrap();
    let check = |stage: &str| {
        let shown: Vec<_> = store.trace(TraceId([4; 16])).unwrap().iter().map(|span| span.start_ns).collect();
        assert_eq!(shown, [START, START + 700], "{stage}: the first stays");
        let row = &store.traces(&ask("charge", 9), None).unwrap().rows[0];
        assert_eq!((row.spans, row.errors, row.services[0].spans), (2, 1, 2), "{stage}");
    };
    // The second start is that of the journal, in milliseconds; the first is what was sighted.
    export(vec![span(4, 1, 0, "saga", START, 9, false), attempt(START + 700)]).await;
    for stage in ["in memory", "in the next generation"] {
        assert_eq!(export(vec![attempt(START + 1)]).await.duplicates, 1, "{stage}");
        check(stage);
        store.flush().await;
    }
    // It is known for two generations; after that it is kept again, and shown once all the same.
    for other in 0..6 {
        export(vec![span(5, other + 1, 0, "other", START, 1, false)]).await;
        store.flush().await;
    }
    let files = store.status(Signal::Traces).files;
    assert_eq!(export(vec![attempt(START + 2)]).await.accepted, 1);
    check("in a file and in memory");
    store.flush().await;
    check("in files");
    assert!(store.status(Signal::Traces).files < files + 1, "they were merged");
    check("merged");
    assert_eq!(store.status(Signal::Traces).records, 8);
}
