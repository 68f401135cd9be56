//! Turning back: what is still waited for, and the order of undoing.

use crate::script::check;

#[test]
fn compensations_run_in_reverse_order_and_independent_ones_together() {
    check(
        "a b:a c:a d:b,c",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started, c#1 started
        b done    | b#1 done
        c done    | c#1 done, d#1 started
        d refused | d#1 refused, turned(d), b'#1 started, c'#1 started
        c' done   | c'#1 done
        b' done   | b'#1 done, a'#1 started
        a' done   | a'#1 done, compensated
        state     | compensated, a undone, b undone, c undone, d no effect
    ",
    );
}

#[test]
fn an_ancestor_waits_past_a_step_with_nothing_to_undo() {
    check(
        "a b-:a c:b",
        "
        submit     | submitted, a#1 started
        a done     | a#1 done, b#1 started
        b done     | b#1 done, c#1 started
        c unusable | c#1 unusable, turned(c), c'#1 started
        c' done    | c'#1 done, a'#1 started
    ",
    );
}

#[test]
fn unrelated_steps_are_undone_at_once() {
    check(
        "a b c",
        "
        submit    | submitted, a#1 started, b#1 started, c#1 started
        a done    | a#1 done
        b done    | b#1 done
        c refused | c#1 refused, turned(c), a'#1 started, b'#1 started
    ",
    );
}

#[test]
fn a_call_in_flight_stays_wanted_until_its_outcome() {
    check(
        "a b",
        "
        submit    | submitted, a#1 started, b#1 started
        b refused | b#1 refused, turned(b)
        wants     | a#1!
        a done    | a#1 done, a'#1 started
        wants     | a'#1
    ",
    );
    check(
        "a b",
        "
        submit    | submitted, a#1 started, b#1 started
        b refused | b#1 refused, turned(b)
        a refused | a#1 refused, compensated
        failures  | b Refused(said no), a Refused(said no)
    ",
    );
    check(
        "a b",
        "
        submit     | submitted, a#1 started, b#1 started
        b refused  | b#1 refused, turned(b)
        a unclear  | a#1 unclear, a'#1 started
        failures   | b Refused(said no), a Unclear(no answer)
    ",
    );
    check(
        "a b",
        "
        submit     | submitted, a#1 started, b#1 started
        b refused  | b#1 refused, turned(b)
        a unusable | a#1 unusable, a'#1 started
    ",
    );
}

#[test]
fn an_action_that_never_left_is_given_up() {
    check(
        "a b",
        "
        submit    | submitted, a#1 started, b#1 started
        b refused | b#1 refused, turned(b)
        a unsent  | a withdrawn, compensated
        state     | compensated, a no effect, b no effect
    ",
    );
    check(
        "a b",
        "
        submit    | submitted, a#1 started, b#1 started
        a unclear | a#1 unclear retry @0, a#2 again
        b refused | b#1 refused, turned(b)
        wants     | a#2!
        a unsent  | a withdrawn, a'#1 started
    ",
    );
}

#[test]
fn a_waiting_retry_is_not_waited_for() {
    check(
        "a b",
        "
        submit       | submitted, a#1 started, b#1 started
        a unclear 5s | a#1 unclear retry @5s
        b refused    | b#1 refused, turned(b), a'#1 started
        wants        | a'#1
    ",
    );
}

#[test]
fn what_did_not_start_and_what_was_skipped_is_not_undone() {
    check(
        "a? b:a c:b",
        "
        by hand      |
        submit       | submitted
        answer a? no | a skipped
        answer b 1   | b#1 started
        b unusable   | b#1 unusable, turned(b)
        wants        | ask b'
        answer b' 2  | b'#1 started
        b' done      | b'#1 done, compensated
        state        | compensated, a skipped, b undone
    ",
    );
}

#[test]
fn the_first_failure_in_the_journal_is_the_cause() {
    check(
        "a b",
        "
        submit    | submitted, a#1 started, b#1 started
        b refused | b#1 refused, turned(b)
        a refused | a#1 refused, compensated
        failures  | b Refused(said no), a Refused(said no)
    ",
    );
}

#[test]
fn a_stuck_compensation_parks_when_nothing_else_is_wanted() {
    check("a b:a c:a", "
        submit     | submitted, a#1 started
        a done     | a#1 done, b#1 started, c#1 started
        b done     | b#1 done
        c unusable | c#1 unusable, turned(c), b'#1 started, c'#1 started
        b' refused | b'#1 refused retry @0, b'#2 again
        b' refused | b'#2 refused retry @0, b'#3 again
        b' refused | b'#3 refused stuck(RefusedRepeatedly)
        state      | compensating, a done, b undoing[#3 f3 r3 since @0 stuck(RefusedRepeatedly)], c undoing[#1 f0 r0 in flight]
        c' done    | c'#1 done, parked
        state      | parked(backward), a done, b undoing[#3 f3 r3 since @0 stuck(RefusedRepeatedly)], c undone
        skip b'    | b' vouched, a'#1 started
        a' done    | a'#1 done, compensated
        vouched    | b' vouched (seen) @0
    ");
}
