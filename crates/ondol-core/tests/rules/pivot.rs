//! The step after which there is no way back.

use crate::script::check;

#[test]
fn only_a_clean_refusal_turns_the_pivot_back() {
    check(
        "a b*:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        b refused | b#1 refused, turned(b), a'#1 started
    ",
    );
    check(
        "a b*:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        b unclear | b#1 unclear retry @0, b#2 again
        b refused | b#2 refused retry @0, b#3 again
        b refused | b#3 refused retry @0, b#4 again
        b refused | b#4 refused stuck(RefusedRepeatedly), parked
        skip b    | b vouched gone, turned(b), a'#1 started
        vouched   | b vouched gone (seen) @0
    ",
    );
    check(
        "a b*:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        b unclear | b#1 unclear retry @0, b#2 again
        b sealed  | b#2 sealed, turned(b), a'#1 started
    ",
    );
}

#[test]
fn the_pivot_has_no_limit_but_patience() {
    check(
        "a2*",
        "
        submit    | submitted, a#1 started
        a unclear | a#1 unclear retry @0, a#2 again
        a unclear | a#2 unclear retry @0, a#3 again
        a unclear | a#3 unclear retry @0, a#4 again
        +24h      |
        a unclear | a#4 unclear stuck(TooLong), pending(timeout), parked
        state     | parked(forward), pending(timeout), a acting[#4 f4 r0 since @0 tainted stuck(TooLong)]
        retry a   | a retried, a#5 again
        a done    | a#5 done, completed
        state     | completed, a done
    ",
    );
}

#[test]
fn while_the_pivot_is_open_time_and_people_must_wait() {
    check(
        "a b*:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        wants     | b#1, wake @1m
        +1m       |
        timer     | pending(timeout)
        timer     |
        wants     | b#1!
        allowed cancel | turning back is pending already: it waits for the pivot's outcome
        cancel    |
        b refused | b#1 refused, turned(timeout), a'#1 started
        failures  | b Refused(said no), b Timeout(the saga's forward timeout passed)
    ",
    );
    check(
        "a b*:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        allowed cancel | Pending
        cancel    | pending(cancelled)
        state     | running, pending(cancelled), a done, b acting[#1 f0 r0 in flight]
        b done    | b#1 done, completed
    ",
    );
}

#[test]
fn a_pending_turn_stops_a_clean_pivot_that_never_left() {
    check(
        "a b*:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        b unsent  |
        cancel    | pending(cancelled)
        wants     | b#1!
        b unsent  | b withdrawn, turned(cancelled), a'#1 started
        failures  | b Cancelled(a person cancelled the saga)
    ",
    );
    check(
        "a b*:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        b unclear | b#1 unclear retry @0, b#2 again
        cancel    | pending(cancelled)
        wants     | b#2
        b unsent  |
        wants     | b#2
    ",
    );
}

#[test]
fn what_was_pending_is_over_when_the_pivot_took_effect() {
    check(
        "a* b-:a",
        "
        submit    | submitted, a#1 started
        cancel    | pending(cancelled)
        a done    | a#1 done, b#1 started
        state     | running, a done, b acting[#1 f0 r0 in flight]
        wants     | b#1
        b unsent  |
        allowed cancel | the pivot took effect; there is no way back, only forward
        cancel    |
        +1h       |
        timer     |
        b done    | b#1 done, completed
        failures  |
    ",
    );
    check(
        "a* b-:a",
        "
        submit     | submitted, a#1 started
        cancel     | pending(cancelled)
        a unusable | a#1 unusable stuck(Unusable), parked
        complete a | a vouched done, b#1 started
        state      | running, a done, b acting[#1 f0 r0 in flight]
        output a   | \"by hand\"
    ",
    );
}

#[test]
fn an_unusable_output_of_the_pivot_needs_a_person() {
    check(
        "a* b-:a",
        "
        submit     | submitted, a#1 started
        a unusable | a#1 unusable stuck(Unusable), parked
        failures   | a Unusable(not JSON)
        allowed skip a | the pivot took effect; `complete` it with the output it should have had
        skip a     |
        complete a | a vouched done, b#1 started
        vouched    | a vouched done (seen) @0
        b done     | b#1 done, completed
    ",
    );
}

#[test]
fn before_the_pivot_starts_there_is_a_way_back() {
    check(
        "a b*:a",
        "
        submit    | submitted, a#1 started
        +1m       |
        a done    | a#1 done, turned(timeout), a'#1 started
        failures  | b Timeout(the saga's forward timeout passed)
    ",
    );
    check(
        "a b*:a",
        "
        submit    | submitted, a#1 started
        a unclear | a#1 unclear retry @0, a#2 again
        +1m       |
        timer     | turned(timeout)
        a unclear | a#2 unclear, a'#1 started
    ",
    );
}

#[test]
fn a_pivot_that_renders_differently_stays_open() {
    check(
        "a b*:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        b unclear | b#1 unclear retry @0, b#2 again
        b changed | b unrendered stuck(RenderChanged), parked
        allowed cancel | Pending
        cancel    | pending(cancelled)
        skip b    | b vouched gone, turned(cancelled), a'#1 started
    ",
    );
}
