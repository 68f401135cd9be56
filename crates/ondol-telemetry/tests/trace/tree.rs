//! What stands where, and what was corrected.

use std::fmt::Write as _;

use ondol_telemetry::trace::{Entry, NodeId, Tree};

use crate::picture::{EPOCH_NS, number, spans};

/// One line a span with its corrected times, then what was counted.
fn shown(tree: &Tree) -> String {
    let mut out = String::new();
    let mut line = |id: NodeId| {
        let node = tree.node(id);
        let ms = |ns: u64| (ns - EPOCH_NS) / 1_000_000;
        let entry = match node.entry {
            Entry::Child | Entry::Root => "",
            Entry::Orphan => " orphan",
            Entry::Cut => " cut",
        };
        let (id, pad) = (number(node.span.span_id), "  ".repeat(node.depth));
        writeln!(out, "{pad}{id} {}..{}{entry}", ms(node.start_ns), ms(node.end_ns)).expect("a string");
    };
    tree.walk().for_each(|(id, _)| line(id));
    for shift in tree.shifts() {
        let by = shift.by_ns / 1_000_000;
        writeln!(out, "{} at {} by {by}", shift.service, number(shift.span_id)).expect("a string");
    }
    if tree.duplicates() > 0 {
        writeln!(out, "{} duplicates", tree.duplicates()).expect("a string");
    }
    out
}

/// Where the pictures below begin on their line; the first one follows its quote.
const MARGIN: &str = "         ";

fn check(picture: &str, expected: &str) {
    let mut spans = spans(picture);
    let expected: Vec<&str> =
        expected.lines().map(|line| line.strip_prefix(MARGIN).unwrap_or(line)).collect();
    for _ in 0..2 {
        assert_eq!(shown(&Tree::of(&spans)).lines().collect::<Vec<_>>(), expected, "{picture}");
        spans.reverse();
    }
}

#[test]
fn children_stand_by_their_beginning() {
    check(
        "1 | a | root  | server   | 0..100
           3 | a | late  | internal | 50..60
           2 | a | early | internal | 10..20
             4 | a | leaf | internal | 11..12",
        "1 0..100
           2 10..20
             4 11..12
           3 50..60",
    );
    check("", "");
}

#[test]
fn what_came_twice_is_there_once() {
    check(
        "1 | a | root | server | 0..100
           2 | a | call | client | 10..90
           2 | a | call | client | 10..90
           2 | a | call | client | 10..20",
        "1 0..100
           2 10..90
         2 duplicates",
    );
}

#[test]
fn both_sides_of_a_call_may_share_an_id() {
    check(
        "1 | a | root | server | 0..100
           2 | a | call | client   | 10..90
           2 | b | call | server   | 20..80
             3 | b | work | internal | 30..40",
        "1 0..100
           2 10..90
             2 20..80
               3 30..40",
    );
}

#[test]
fn parents_that_are_missing_and_parents_in_a_ring() {
    check(
        "
         5 | a | child | server | 5..9 | ^99
           6 | a | leaf | internal | 6..7
         1 | a | root | server | 10..20",
        "1 10..20
         5 5..9 orphan
           6 6..7",
    );
    check(
        "1 | a | x | internal | 0..9 | ^3
         2 | a | y | internal | 1..8 | ^1
         3 | a | z | internal | 2..7 | ^2
         4 | a | w | internal | 3..4 | ^3
         5 | a | self | internal | 5..6 | ^5",
        "1 0..9 cut
           2 1..8
             3 2..7
               4 3..4
         5 5..6 cut",
    );
}

#[test]
fn a_clock_that_is_wrong_is_corrected_and_said() {
    // Far ahead: in the middle of the call, and what is below it moves along.
    check(
        "1 | a | call | client | 0..100
           2 | b | work | server | 5000..5080
             3 | b | part | internal | 5010..5020",
        "1 0..100
           2 10..90
             3 20..30
         b at 2 by -4990",
    );
    // Called back by it, the first service's clock is right all along.
    check(
        "1 | a | call | client | 0..100
           2 | b | work | client | 5000..5080
             3 | a | back | server | 30..40",
        "1 0..100
           2 10..90
             3 30..40
         b at 2 by -4990",
    );
    // Within one service there is one clock.
    check(
        "1 | a | root | server | 10..20
           2 | a | late | internal | 30..40",
        "1 10..20
           2 30..40",
    );
    // A caller that gave up, a message taken later: no clock is wrong.
    check(
        "1 | a | call | client | 0..100 | error: timeout
           2 | b | work | server | 5..300",
        "1 0..100
           2 5..300",
    );
    check(
        "1 | a | send | producer | 0..10
           2 | b | take | consumer | 500..600",
        "1 0..10
           2 500..600",
    );
    // It cannot begin before its cause.
    check(
        "1 | a | call | client | 100..110
           2 | b | work | server | 50..90",
        "1 100..110
           2 100..140
         b at 2 by 50",
    );
}
