//! What people do, and what it does.

use crate::script::check;

#[test]
fn while_paused_nothing_starts_in_either_direction() {
    check(
        "a b:a",
        "
        submit    | submitted, a#1 started
        pause     | paused
        state     | running, paused @0, a acting[#1 f0 r0 in flight]
        a done    | a#1 done
        wants     | nothing
        timer     |
        resume    | resumed, b#1 started
        pause     | paused
        b refused | b#1 refused, turned(b)
        wants     | nothing
        resume    | resumed, a'#1 started
        pause     | paused
        a' unclear | a'#1 unclear retry @0
        timer     |
        wants     | nothing
        resume    | resumed, a'#2 again
        a' done   | a'#2 done, compensated
    ",
    );
}

#[test]
fn a_paused_saga_ends_when_its_last_call_does() {
    check(
        "a output",
        "
        submit | submitted, a#1 started
        pause  | paused
        a done | a#1 done, completed with output
        state  | completed, paused @0, a done
        allowed resume | the saga is completed
    ",
    );
    check(
        "a",
        "
        submit     | submitted, a#1 started
        pause      | paused
        a refused  | a#1 refused, turned(a), compensated
    ",
    );
}

#[test]
fn a_saga_with_a_stuck_half_is_paused_and_resumed() {
    check(
        "a",
        "
        submit    | submitted, a#1 started
        pause     | paused
        a changed | a unrendered stuck(RenderChanged), parked
        retry a   | a retried
        state     | running, paused @0, a acting[#1 f0 r0 due @0]
        wants     | nothing
        resume    | resumed, a#2 again
    ",
    );
}

#[test]
fn cancel_turns_back() {
    check(
        "a b:a",
        "
        submit   | submitted, a#1 started
        a done   | a#1 done, b#1 started
        cancel   | turned(cancelled)
        failures | b Cancelled(a person cancelled the saga)
        cancel   |
        b done   | b#1 done, b'#1 started
    ",
    );
    check(
        "a?",
        "
        by hand  |
        submit   | submitted
        cancel   | turned(cancelled), compensated
        failures | a Cancelled(a person cancelled the saga)
    ",
    );
}

#[test]
fn retry_begins_the_attempts_again() {
    check(
        "a2",
        "
        submit       | submitted, a#1 started
        a unclear 5s | a#1 unclear retry @5s
        retry a      | a retried, a#2 again
        state        | running, a acting[#2 f0 r0 tainted in flight]
        retry a      |
        a unclear    | a#2 unclear retry @0, a#3 again
        a unclear    | a#3 unclear, turned(a), a'#1 started
        a' refused   | a'#1 refused retry @0, a'#2 again
        a' refused   | a'#2 refused stuck(Exhausted), parked
        retry a'     | a' retried, a'#3 again
        state        | compensating, a undoing[#3 f0 r0 in flight]
    ",
    );
}

#[test]
fn complete_vouches_for_an_action() {
    check(
        "a b:a",
        "
        submit       | submitted, a#1 started
        a unclear 5s | a#1 unclear retry @5s
        +1s          |
        complete a   | a vouched done, b#1 started
        output a     | \"by hand\"
        vouched      | a vouched done (seen) @1s
        a#1 done     |
        b refused    | b#1 refused, turned(b), a'#1 started
        a' done      | a'#1 done, compensated
    ",
    );
    check(
        "a",
        "
        submit     | submitted, a#1 started
        a changed  | a unrendered stuck(RenderChanged), parked
        complete a | a vouched done, completed
    ",
    );
}

#[test]
fn skip_vouches_for_a_compensation() {
    check(
        "a b:a",
        "
        submit        | submitted, a#1 started
        a done        | a#1 done, b#1 started
        b unusable    | b#1 unusable, turned(b), b'#1 started
        b' unclear 5s | b'#1 unclear retry @5s
        skip b'       | b' vouched, a'#1 started
        skip a'       |
        a' done       | a'#1 done, compensated
    ",
    );
}

#[test]
fn a_verb_about_nothing_decides_nothing() {
    check(
        "a b:a",
        "
        pause      |
        submit     | submitted, a#1 started
        resume     |
        retry a    |
        retry a'   |
        retry b    |
        complete a |
        complete b |
        skip a     |
        skip a'    |
        resend 0   |
        pause      | paused
        pause      |
    ",
    );
}

#[test]
fn who_acted_stands_before_what_it_caused() {
    check(
        "a2 b:a",
        "
        submit          | submitted, a#1 started
        signed retry a  |
        a unclear 5s    | a#1 unclear retry @5s
        signed retry a  | ann says Retry a, a retried, a#2 again
        state           | running, a acting[#2 f0 r0 tainted in flight]
        signed pause    | ann says Pause, paused
        signed pause    |
        signed resume   | ann says Resume, resumed
        signed cancel   | ann says Cancel, turned(cancelled)
        a done          | a#2 done, a'#1 started
        a' done         | a'#1 done, compensated
        signed cancel   |
    ",
    );
}
