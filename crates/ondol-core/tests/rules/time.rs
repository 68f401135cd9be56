//! The forward timeout, pausing it, and a wall clock that goes back.

use crate::script::check;

#[test]
fn the_forward_timeout_turns_back() {
    check(
        "a b:a",
        "
        submit       | submitted, a#1 started
        deadline     | @1m
        +59999ms     |
        timer        |
        +1ms         |
        timer        | turned(timeout)
        failures     | a Timeout(the saga's forward timeout passed)
        wants        | a#1!
        a done       | a#1 done, a'#1 started
        +1h          |
        timer        |
        a' done      | a'#1 done, compensated
    ",
    );
}

#[test]
fn a_timeout_names_the_step_that_was_under_way() {
    check(
        "a b:a c:b",
        "
        submit   | submitted, a#1 started
        a done   | a#1 done, b#1 started
        +1m      |
        timer    | turned(timeout)
        failures | b Timeout(the saga's forward timeout passed)
    ",
    );
}

#[test]
fn the_last_answer_wins_over_the_timeout() {
    check(
        "a",
        "
        submit | submitted, a#1 started
        +1m    |
        a done | a#1 done, completed
    ",
    );
    check(
        "a output",
        "
        by hand       |
        submit        | submitted
        answer a 1    | a#1 started
        a done        | a#1 done
        wants         | ask output
        +1m           |
        timer         |
        allowed cancel | every step is done; the saga is about to complete
        cancel        |
        answer output output | completed with output
    ",
    );
}

#[test]
fn a_late_question_is_not_answered_any_more() {
    check(
        "a?",
        "
        by hand       |
        submit        | submitted
        +1m           |
        timer         | turned(timeout), compensated
        answer a? yes |
    ",
    );
}

#[test]
fn a_pause_moves_the_timeout() {
    check(
        "a",
        "
        submit   | submitted, a#1 started
        +10s     |
        pause    | paused
        wants    | a#1
        +1h      |
        timer    |
        resume   | resumed
        deadline | @61m
        wants    | a#1, wake @61m
        timer    |
        +49999ms |
        timer    |
        +1ms     |
        timer    | turned(timeout)
    ",
    );
}

#[test]
fn a_clock_that_went_back_stands_still() {
    check(
        "a",
        "
        submit       | submitted, a#1 started
        +30s         |
        a unclear 5s | a#1 unclear retry @35s
        recorded     | @30s
        -20s         |
        timer        |
        pause        | paused
        recorded     | @30s
        resume       | resumed
        deadline     | @1m
        +25s         |
        timer        | a#2 again
        recorded     | @35s
    ",
    );
}

#[test]
fn the_timeout_stands_still_while_the_saga_is_parked() {
    check(
        "a",
        "
        submit    | submitted, a#1 started
        +10s      |
        stands    | no
        a changed | a unrendered stuck(RenderChanged), parked
        +1h       |
        timer     |
        wants     | nothing
        stands    | @10s
        retry a   | a retried, a#2 again
        stands    | no
        deadline  | @61m
        +49999ms  |
        timer     |
        +1ms      |
        timer     | turned(timeout)
    ",
    );
}

#[test]
fn it_stands_still_once_while_the_saga_is_parked_and_paused() {
    check(
        "a",
        "
        submit    | submitted, a#1 started
        a changed | a unrendered stuck(RenderChanged), parked
        +1h       |
        pause     | paused
        +1h       |
        retry a   | a retried
        deadline  | @1m
        +1h       |
        resume    | resumed, a#2 again
        deadline  | @181m
    ",
    );
    check(
        "a",
        "
        submit    | submitted, a#1 started
        pause     | paused
        +1h       |
        a changed | a unrendered stuck(RenderChanged), parked
        +1h       |
        resume    | resumed
        +1h       |
        retry a   | a retried, a#2 again
        deadline  | @181m
    ",
    );
}

#[test]
fn a_parked_saga_that_is_cancelled_turns_back_for_that() {
    check(
        "a b:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        b changed | b unrendered stuck(RenderChanged), parked
        +1h       |
        cancel    | turned(cancelled), a'#1 started
        failures  | b RenderChanged(differs), b Cancelled(a person cancelled the saga)
    ",
    );
}
