//! Where the time went.

use ondol_telemetry::trace::{Tree, critical_path};

use crate::picture::{EPOCH_NS, number, spans};

fn check(picture: &str, expected: &[(u64, u64, u64)]) {
    let ms = |ns: u64| (ns - EPOCH_NS) / 1_000_000;
    let path = critical_path(&Tree::of(&spans(picture)));
    let path: Vec<_> =
        path.iter().map(|part| (number(part.span_id), ms(part.from_ns), ms(part.to_ns))).collect();
    assert_eq!(path, expected, "{picture}");
}

#[test]
fn at_every_moment_one_span() {
    check("", &[]);
    check("1 | a | root | server | 0..10", &[(1, 0, 10)]);
    check(
        "1 | a | root | server | 0..100
           2 | a | first | client | 10..40
             3 | b | first | server | 15..35
           4 | a | second | client | 50..90",
        &[(1, 0, 10), (2, 10, 15), (3, 15, 35), (2, 35, 40), (1, 40, 50), (4, 50, 90), (1, 90, 100)],
    );
    // Of two at the same time the one that ended last counts.
    check(
        "1 | a | root | server | 0..100
           2 | a | short | client | 10..40
           3 | a | long  | client | 10..90",
        &[(1, 0, 10), (3, 10, 90), (1, 90, 100)],
    );
    // What outlives its parent counts until the parent's end; a message is not waited for.
    check(
        "1 | a | root | client | 0..100 | error: timeout
           2 | b | slow | server | 10..300",
        &[(1, 0, 10), (2, 10, 100)],
    );
    check(
        "1 | a | root | server | 0..100
           2 | a | send | producer | 10..20
             3 | b | take | consumer | 12..90",
        &[(1, 0, 10), (2, 10, 20), (1, 20, 100)],
    );
}
