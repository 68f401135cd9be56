//! Whatever is asked, the answer is the one that looking at every record gives.

use ondol_telemetry::Signal;
use ondol_telemetry::model::Log;
use ondol_telemetry::query::{Filter, Query, Window};
use proptest::prelude::*;

use crate::batch::{SECOND, START, ask, log, logs, open};

const WORDS: [&str; 8] = ["seat", "card", "declined", "timed", "out", "retry", "order-7", "결제"];

fn filters() -> impl Strategy<Value = String> {
    let term = prop_oneof![
        prop::sample::select(&WORDS[..]).prop_map(str::to_owned),
        prop::sample::select(&["pay", "shop", "nobody"][..]).prop_map(|name| format!("service:{name}")),
        prop::sample::select(&["error", "info", "debug"][..]).prop_map(|name| format!("level:{name}")),
        prop::sample::select(&["level:>=warn", "level:<=info", "level:*", "level:unset"][..])
            .prop_map(str::to_owned),
        Just("\"timed out\"".to_owned()),
        Just("user.id:u1".to_owned()),
        Just("user.id:*".to_owned()),
        Just("decl*".to_owned()),
        Just("host.name:h1".to_owned()),
        Just("n:>=50".to_owned()),
    ];
    term.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left} {right})")),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left} OR {right})")),
            inner.prop_map(|of| format!("NOT {of}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn answers_are_those_of_looking_at_every_record(
        seed in any::<u64>(),
        questions in prop::collection::vec((filters(), 0_u64..4_000, 1_u64..4_000, 1_usize..200, any::<bool>()), 6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(check(seed, questions));
    }
}

type Question = (String, u64, u64, usize, bool);

async fn check(seed: u64, questions: Vec<Question>) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut chance = seed | 1;
    let mut next = |below: u64| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % below
    };
    for batch in 0..6_usize {
        let records = (0..700).map(|_| {
            let body: Vec<&str> = (0..=next(5)).map(|_| WORDS[next(8) as usize]).collect();
            let number = next(100).to_string();
            let user = ["u1", "u2", "U1"][next(3) as usize];
            let all = [("user.id", user), ("n", number.as_str()), ("host.name", "h2")];
            log(
                START + next(4_000) * SECOND + next(3),
                [0, 5, 9, 13, 17][next(5) as usize],
                &body.join(" "),
                &all[..next(4) as usize],
            )
        });
        let service = ["pay", "shop"][batch % 2];
        store.export(Signal::Logs, logs(service, "1", records.collect())).await.unwrap();
        if batch == 3 {
            store.flush().await;
        }
    }
    let all = store.logs(&ask("", 10_000)).unwrap().rows;
    assert_eq!(all.len(), 4_200);
    for (text, from, length, limit, count) in questions {
        let window = Window { from_ns: START + from * SECOND, to_ns: START + (from + length) * SECOND };
        let query = Query { filter: Filter::parse(&text).unwrap(), window, limit, count };
        one(&store, &all, &query, &text);
    }
}

fn one(store: &ondol_telemetry::Telemetry, all: &[Log], query: &Query, text: &str) {
    let expected: Vec<&Log> =
        all.iter().filter(|log| query.window.holds(log.time_ns) && query.filter.holds_log(log)).collect();
    let found = store.logs(query).unwrap();
    let rows: Vec<&Log> = found.rows.iter().collect();
    assert_eq!(rows, expected[..query.limit.min(expected.len())], "{text}");
    if query.count {
        assert_eq!((found.matched, found.exact), (expected.len() as u64, true), "{text}");
    } else {
        assert!(found.matched <= expected.len() as u64 && found.matched >= rows.len() as u64, "{text}");
    }
    let counts = store.counts(query, 600 * SECOND).unwrap();
    let counted: u64 = counts.iter().flat_map(|count| count.levels).sum();
    assert_eq!(counted, expected.len() as u64, "{text}");
    for count in &counts {
        let inside = |log: &&&Log| log.time_ns / (600 * SECOND) * (600 * SECOND) == count.from_ns;
        let errors = expected.iter().filter(inside).filter(|log| log.severity == 17).count();
        assert_eq!(count.levels[5], errors as u64, "{text}");
    }
}

#[tokio::test]
async fn a_traces_id_is_a_word_only_where_the_text_has_it() {
    const ID: &str = "0123456789abcdef0123456789abcdef";
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let records = (0..6).map(|at| {
        let mut record = log(START + at * SECOND, 9, "nothing here", &[]);
        record.trace_id = 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef_u128.to_be_bytes().to_vec();
        if at == 5 {
            record.body = log(0, 0, &format!("trace {ID} began"), &[]).body;
        }
        record
    });
    store.export(Signal::Logs, logs("pay", "1", records.collect())).await.unwrap();
    for stage in ["in memory", "in files"] {
        if stage == "in files" {
            store.flush().await;
        }
        #[rustfmt::skip]
        let table = [
            (ID.to_owned(),                1),
            (format!("service:pay -{ID}"), 5),
            (format!("\"trace {ID}\""),    1),
            (format!("trace:{ID}"),        6),
            (format!("nothing {ID}"),      0),
        ];
        for (text, matched) in table {
            assert_eq!(store.logs(&ask(&text, 9)).unwrap().matched, matched, "{stage}: {text}");
        }
    }
}
