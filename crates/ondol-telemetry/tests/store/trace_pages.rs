//! Pages of traces: together they hold every trace that matches, once, the newest first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ondol_telemetry::model::TraceId;
use ondol_telemetry::otlp::proto::trace::v1::Span;
use ondol_telemetry::query::{Filter, Query, TracePlace, Window};
use ondol_telemetry::{Signal, Telemetry};

use crate::batch::{SECOND, START, open, span, spans};

/// A span of a trace; `number` tells it from the others.
fn one(trace: u8, number: u32, start_ns: u64, failed: bool) -> Span {
    let mut span = span(trace, 1, 0, "step", start_ns, 1, failed);
    span.span_id = u64::from(number + 1).to_be_bytes().to_vec();
    span
}

fn ask(text: &str, window: Window, limit: usize) -> Query {
    Query { filter: Filter::parse(text).unwrap(), window, limit, count: false }
}

#[tokio::test]
async fn a_large_trace_hides_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let small = (1..=5).map(|trace| one(trace, 0, START + u64::from(trace), false));
    store.export(Signal::Traces, spans("shop", small.collect())).await.unwrap();
    let large = (0..20_000).map(|number| one(9, number, START + SECOND + u64::from(number), false));
    store.export(Signal::Traces, spans("shop", large.collect())).await.unwrap();
    for stage in ["in memory", "in files"] {
        if stage == "in files" {
            store.flush().await;
        }
        let found = store.traces(&ask("", Window::EVER, 100), None).unwrap();
        let shown: Vec<(u8, u64)> = found.rows.iter().map(|row| (row.trace_id.0[0], row.spans)).collect();
        assert_eq!(shown, [(9, 20_000), (5, 1), (4, 1), (3, 1), (2, 1), (1, 1)], "{stage}");
        assert_eq!(found.next, None, "{stage}");
        let first = store.traces(&ask("", Window::EVER, 1), None).unwrap();
        assert_eq!(
            first.next.unwrap(),
            TracePlace { time_ns: START + SECOND + 19_999, trace_id: TraceId([9; 16]) }
        );
        let second = store.traces(&ask("", Window::EVER, 1), first.next).unwrap();
        assert_eq!(second.rows[0].trace_id, TraceId([5; 16]), "{stage}: the large one is not shown again");
        let all = Query { count: true, ..ask("", Window::EVER, 1) };
        for after in [None, first.next] {
            let counted = store.traces(&all, after).unwrap();
            assert_eq!((counted.matched, counted.exact), (20_005, true), "{stage}");
        }
    }
}

#[tokio::test]
async fn pages_repeat_and_skip_nothing_whatever_is_sealed_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut chance = 7_u64;
    let mut next = |below: u64| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % below
    };
    // Few moments, so that many places are equal; two hours; one trace of many blocks in the middle.
    let mut all: Vec<Span> =
        (0..9_000).map(|number| one(200, number, START + 850 * SECOND, number % 3 == 0)).collect();
    for trace in 1..=120 {
        for number in 0..=next(4) {
            all.push(one(trace, number as u32, START + (800 + next(50) * 10) * SECOND, next(3) == 0));
        }
    }
    let wide = Window::EVER;
    let cut = Window { from_ns: START + 830 * SECOND, to_ns: START + 1_100 * SECOND };
    let mut questions = Vec::new();
    for text in ["", "status:error", "status:error -trace:c8c8c8c8c8c8c8c8c8c8c8c8c8c8c8c8", "nothing"] {
        for (window, limit, count) in [(wide, 7, false), (cut, 1, false), (cut, 50, true)] {
            questions.push((text, Query { count, ..ask(text, window, limit) }, None, Vec::new()));
        }
    }
    for batch in all.chunks(all.len() / 6 + 1) {
        store.export(Signal::Traces, spans("shop", batch.to_vec())).await.unwrap();
    }
    // A page of each question, then something is sealed: at last everything is in files, which are merged.
    for round in 0..9_u8 {
        for (text, query, after, shown) in &mut questions {
            page(&store, query, after, shown, text);
        }
        let later = START + 6_000 * SECOND + u64::from(round);
        let other = one(250, u32::from(round), later, false);
        store.export(Signal::Traces, spans("pay", vec![other])).await.unwrap();
        store.flush().await;
    }
    for (text, query, mut after, mut shown) in questions {
        while after.is_some() {
            page(&store, &query, &mut after, &mut shown, text);
        }
        let expected = expected(&all, &query, text);
        assert_eq!(shown, expected, "{text:?} {query:?}");
    }
}

/// The next page, if it is not the last that was shown.
fn page(store: &Telemetry, query: &Query, after: &mut Option<TracePlace>, shown: &mut Vec<u8>, text: &str) {
    if after.is_none() && !shown.is_empty() {
        return;
    }
    let query = Query {
        window: Window { to_ns: query.window.to_ns.min(START + 5_000 * SECOND), ..query.window },
        ..query.clone()
    };
    let found = store.traces(&query, *after).unwrap();
    shown.extend(found.rows.iter().map(|row| row.trace_id.0[0]));
    *after = found.next;
    assert!(
        found.rows.len() == query.limit || after.is_none(),
        "{text:?}: a page that is not the last is full"
    );
}

fn expected(all: &[Span], query: &Query, text: &str) -> Vec<u8> {
    let mut places: BTreeMap<u8, u64> = BTreeMap::new();
    for span in all {
        let trace = span.trace_id[0];
        let asked = match text {
            "" => true,
            "status:error" => span.status.is_some(),
            "nothing" => false,
            _ => span.status.is_some() && trace != 200,
        };
        if asked && query.window.holds(span.start_time_unix_nano) {
            let place = places.entry(trace).or_default();
            *place = (*place).max(span.start_time_unix_nano);
        }
    }
    let mut places: Vec<(Reverse<u64>, u8)> =
        places.into_iter().map(|(trace, time)| (Reverse(time), trace)).collect();
    places.sort_unstable();
    places.into_iter().map(|(_, trace)| trace).collect()
}
