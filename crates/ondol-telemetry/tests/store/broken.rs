//! What senders, disks and backups do to a store, and what is left of it.

use std::path::Path;

use ondol_telemetry::otlp::proto::collector::logs::v1::ExportLogsServiceRequest;
use ondol_telemetry::otlp::proto::collector::trace::v1::ExportTraceServiceRequest;
use ondol_telemetry::otlp::proto::common::v1::any_value::Value;
use ondol_telemetry::otlp::proto::common::v1::{AnyValue, KeyValue};
use ondol_telemetry::otlp::proto::trace::v1::{ResourceSpans, ScopeSpans, Span};
use ondol_telemetry::{ExportError, Signal};
use prost::Message as _;

use crate::batch::{START, ask, log, logs, open, open_with};

fn segment(folder: &Path, number: u64) -> std::path::PathBuf {
    folder.join(format!("wal/{number:010}.logs.wal"))
}

fn line(number: u64) -> bytes::Bytes {
    logs("pay", "1", vec![log(START + number, 9, &format!("line {number}"), &[])])
}

/// A resource stands in every row of a file, so that a small export with a large one would be gigabytes.
#[tokio::test]
async fn a_large_resource_is_bounded_before_it_is_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let records = (0..2_048).map(|at| log(START + at, 9, "x", &[])).collect();
    let mut export = ExportLogsServiceRequest::decode(logs("pay", "1", records)).unwrap();
    let large = |at: usize| KeyValue {
        key: format!("large{at}"),
        value: Some(AnyValue { value: Some(Value::StringValue("x".repeat(65_000))) }),
        ..Default::default()
    };
    let resource = export.resource_logs[0].resource.as_mut().unwrap();
    resource.attributes.extend((0..34).map(large));
    store.export(Signal::Logs, export.encode_to_vec().into()).await.unwrap();
    store.flush().await;
    assert_eq!(store.status(Signal::Logs).files, 1, "it was sealed");
    assert_eq!(store.logs(&ask("service:pay", 1)).unwrap().matched, 2_048);
}

#[tokio::test]
async fn an_export_that_would_take_too_much_memory_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let spans = vec![Span::default(); 1_000_000];
    let scope_spans = vec![ScopeSpans { spans, ..Default::default() }];
    let resource_spans = vec![ResourceSpans { scope_spans, ..Default::default() }];
    let body = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
    assert!(body.len() < 3 << 20);
    let error = store.export(Signal::Traces, body.into()).await.unwrap_err();
    assert!(matches!(error, ExportError::Malformed { .. }), "{error}");
    assert!(error.to_string().contains("send less at once"), "{error}");
}

#[tokio::test]
async fn a_damaged_export_does_not_take_those_behind_it_along() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 0..6 {
        store.export(Signal::Logs, line(number)).await.unwrap();
    }
    let mut bytes = std::fs::read(segment(folder.path(), 0)).unwrap();
    drop(store);
    bytes[30] ^= 1;
    std::fs::write(segment(folder.path(), 0), bytes).unwrap();
    let store = open(folder.path());
    assert_eq!(store.logs(&ask("line", 9)).unwrap().matched, 5);
    assert!(
        segment(folder.path(), 0).with_extension("wal.damaged").exists(),
        "it is kept for whoever can mend it"
    );
}

/// As after a backup of a running store, or where a disk refused to delete it.
#[tokio::test]
async fn a_segment_that_outlived_a_merge_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut fifth = Vec::new();
    for number in 0..10 {
        store.export(Signal::Logs, line(number)).await.unwrap();
        if number == 5 {
            fifth = std::fs::read(segment(folder.path(), 5)).unwrap();
        }
        store.flush().await;
    }
    assert!(store.status(Signal::Logs).files < 10, "some were merged");
    drop(store);
    std::fs::write(segment(folder.path(), 5), fifth).unwrap();
    let store = open(folder.path());
    assert_eq!(store.logs(&ask("line", 20)).unwrap().matched, 10);
    assert!(!segment(folder.path(), 5).exists());
}

#[tokio::test]
async fn a_batch_that_was_made_to_a_file_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.export(Signal::Logs, line(1)).await.unwrap();
    store.flush().await;
    store.flush().await;
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.export(Signal::Logs, line(1)).await.unwrap().duplicates, 1);
    assert_eq!(store.logs(&ask("line", 9)).unwrap().matched, 1);
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.export(Signal::Logs, line(1)).await.unwrap();
    store.flush().await;
    drop(store);
    let hour = only_hour(&folder.path().join("logs"));
    let left = ["g0000000009-0000000009.part", "g0000000009-0000000009.index"].map(|name| hour.join(name));
    for path in &left {
        std::fs::write(path, "half").unwrap();
    }
    let store = open(folder.path());
    assert!(left.iter().all(|path| !path.exists()), "{left:?}");
    assert_eq!(store.logs(&ask("line", 9)).unwrap().matched, 1);
}

/// The folder of the only hour.
fn only_hour(logs: &Path) -> std::path::PathBuf {
    let first = |folder: &Path| std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    first(&first(logs))
}

/// Nothing has to be read of a record to know that it has no such field.
#[tokio::test]
async fn a_question_for_a_field_that_logs_do_not_have_is_answered_from_files_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 0..3 {
        store.export(Signal::Logs, line(number)).await.unwrap();
    }
    for stage in ["in memory", "in files"] {
        for (question, matched) in
            [("duration:>5ms", 0), ("-duration:>5ms", 3), ("kind:server", 0), ("-name:*", 3)]
        {
            assert_eq!(store.logs(&ask(question, 9)).unwrap().matched, matched, "{question} {stage}");
        }
        store.flush().await;
    }
}

/// As from a sender whose clock is wrong: all is refused, and nothing of it may stay, in memory or on the disk.
#[tokio::test]
async fn exports_of_which_nothing_is_kept_take_nothing_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_with(folder.path(), |options| options.memory_max = 4 << 20);
    for number in 0..40 {
        let old = logs("pay", "1", vec![log(1_000 + number, 9, &"x".repeat(400_000), &[])]);
        assert_eq!(store.export(Signal::Logs, old).await.unwrap().rejected, 1);
    }
    assert!(
        !segment(folder.path(), 0).exists() || segment(folder.path(), 1).exists(),
        "the first segment ended"
    );
}
