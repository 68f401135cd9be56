//! Ondol stopped: every intent without an outcome may have been sent.

use crate::script::check;

#[test]
fn a_lost_attempt_is_unclear_and_not_counted() {
    check(
        "a1",
        "
        submit    | submitted, a#1 started
        restart   | a#1 lost retry @0, a#2 again
        state     | running, a acting[#2 f0 r0 tainted in flight]
        restart   | a#2 lost retry @0, a#3 again
        a refused | a#3 refused, turned(a), a'#1 started
        restart   | a'#1 lost retry @0, a'#2 again
        state     | compensating, a undoing[#2 f0 r0 tainted in flight]
        a#1 done  |
        a' done   | a'#2 done, compensated
        restart   |
    ",
    );
}

#[test]
fn while_turning_back_a_lost_action_is_unclear_and_undone() {
    check(
        "a b",
        "
        submit    | submitted, a#1 started, b#1 started
        b refused | b#1 refused, turned(b)
        restart   | a#1 lost, a'#1 started
        state     | compensating, a undoing[#1 f0 r0 in flight], b no effect
    ",
    );
}

#[test]
fn what_waits_goes_on_waiting() {
    check(
        "a b",
        "
        submit       | submitted, a#1 started, b#1 started
        a unclear 5s | a#1 unclear retry @5s
        restart      | b#1 lost retry @0, b#2 again
        wants        | b#2, wake @5s
    ",
    );
}

#[test]
fn a_lost_pivot_is_tried_again_and_never_withdrawn() {
    check(
        "a*",
        "
        submit    | submitted, a#1 started
        restart   | a#1 lost retry @0, a#2 again
        cancel    | pending(cancelled)
        wants     | a#2
        a unsent  |
        a refused | a#2 refused retry @0, a#3 again
        a sealed  | a#3 sealed, turned(cancelled), compensated
    ",
    );
}

#[test]
fn while_paused_a_lost_attempt_waits() {
    check(
        "a",
        "
        submit  | submitted, a#1 started
        pause   | paused
        restart | a#1 lost retry @0
        wants   | nothing
        resume  | resumed, a#2 again
    ",
    );
}
