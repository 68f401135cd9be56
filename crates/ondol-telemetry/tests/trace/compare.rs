//! How a trace differs from healthy ones.

use ondol_telemetry::trace::{Change, Tree, compare};

use crate::picture::spans;

const HEALTHY: &str = "
    1 | shop | GET / | server | 0..100
      2 | shop | price | client | 10..40
        3 | price | price | server | 12..38
      4 | shop | stock | client | 50..60";

fn check(picture: &str, expected: &[&str]) {
    let healthy: Vec<Tree> = (0..20).map(|_| Tree::of(&spans(HEALTHY))).collect();
    let found = compare(&Tree::of(&spans(picture)), &healthy);
    let ms = |ns: u64| ns / 1_000_000;
    let found: Vec<String> = found
        .iter()
        .map(|difference| {
            let change = match difference.change {
                Change::New { calls } => format!("new {calls}"),
                Change::Missing { of_healthy } => format!("missing {of_healthy}"),
                Change::Slower { took_ns, p95_ns } => format!("slower {} {}", ms(took_ns), ms(p95_ns)),
                Change::MoreCalls { calls, usual } => format!("more {calls} {usual}"),
                Change::FailsNewly { failed } => format!("fails {failed}"),
            };
            format!("{} {}: {change}", difference.path.last().expect("itself"), difference.path.len())
        })
        .collect();
    assert_eq!(found, expected, "{picture}");
}

#[test]
fn differences_by_weight() {
    check(HEALTHY, &[]);
    check(
        "1 | shop | GET / | server | 0..500
           2 | shop | price | client | 10..440
             3 | price | price | server | 12..438
           4 | shop | stock | client | 450..460",
        // The deepest of what is slow comes first: the others waited for it.
        &["price price 3: slower 426 26", "shop GET / 1: slower 500 100", "shop price 2: slower 430 30"],
    );
    check(
        "1 | shop | GET / | server | 0..100 | error
           2 | shop | price | client | 10..40 | error
             3 | price | price | server | 12..38 | error
               5 | price | SELECT | client | 13..30
                 6 | db | SELECT | server | 14..29
               7 | price | SELECT | client | 31..35",
        &[
            "price price 3: fails 1",
            "shop price 2: fails 1",
            "shop GET / 1: fails 1",
            "price SELECT 4: new 2",
            "shop stock 2: missing 20",
        ],
    );
    check(
        "1 | shop | GET / | server | 0..100
           2 | shop | price | client | 10..40
             3 | price | price | server | 12..38
           4 | shop | stock | client | 50..60
           5 | shop | stock | client | 60..70",
        &["shop stock 2: more 2 1"],
    );
    assert_eq!(compare(&Tree::of(&spans(HEALTHY)), &[]), []);
}
