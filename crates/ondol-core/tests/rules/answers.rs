//! DESIGN §6: what an answer means, for an action before the pivot, the pivot, an action behind it, a compensation.

use crate::script::check;

#[test]
fn not_sent_costs_nothing() {
    check(
        "a",
        "
        submit   | submitted, a#1 started
        a unsent |
        a unsent |
        wants    | a#1, wake @1m
        state    | running, a acting[#1 f0 r0 in flight]
        a refused | a#1 refused, turned(a), compensated
    ",
    );
    check(
        "a b:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        b refused | b#1 refused, turned(b), a'#1 started
        a' unsent |
        wants     | a'#1
    ",
    );
    check(
        "a* b-:a",
        "
        submit   | submitted, a#1 started
        a unsent |
        a done   | a#1 done, b#1 started
        b unsent |
        wants    | b#1
    ",
    );
}

#[test]
fn a_clean_refusal_turns_back_and_spares_the_compensation() {
    check(
        "a b:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        b refused | b#1 refused, turned(b), a'#1 started
        state     | compensating, a undoing[#1 f0 r0 in flight], b no effect
        a' done   | a'#1 done, compensated
        failures  | b Refused(said no)
    ",
    );
}

#[test]
fn a_refusal_after_an_unclear_attempt_is_compensated() {
    check(
        "a",
        "
        submit    | submitted, a#1 started
        a unclear | a#1 unclear retry @0, a#2 again
        a refused | a#2 refused, turned(a), a'#1 started
        a' done   | a'#1 done, compensated
        state     | compensated, a undone
        failures  | a Refused(said no)
    ",
    );
}

#[test]
fn a_sealed_refusal_is_clean_whatever_came_before() {
    check(
        "a",
        "
        submit    | submitted, a#1 started
        a unclear | a#1 unclear retry @0, a#2 again
        a sealed  | a#2 sealed, turned(a), compensated
        state     | compensated, a no effect
    ",
    );
}

#[test]
fn unclear_attempts_are_counted_and_then_compensated() {
    check(
        "a3",
        "
        submit    | submitted, a#1 started
        a unclear | a#1 unclear retry @0, a#2 again
        state     | running, a acting[#2 f1 r0 since @0 tainted in flight]
        +1s       |
        a unclear | a#2 unclear retry @1s, a#3 again
        state     | running, a acting[#3 f2 r0 since @0 tainted in flight]
        a unclear | a#3 unclear, turned(a), a'#1 started
        failures  | a Unclear(no answer)
    ",
    );
    check(
        "a1",
        "
        submit    | submitted, a#1 started
        a unclear | a#1 unclear, turned(a), a'#1 started
    ",
    );
}

#[test]
fn an_unusable_output_turns_back_and_is_compensated() {
    check(
        "a b:a",
        "
        submit     | submitted, a#1 started
        a unusable | a#1 unusable, turned(a), a'#1 started
        failures   | a Unusable(not JSON)
        output a   | none
        a' unusable | a'#1 unusable, compensated
        failures   | a Unusable(not JSON)
    ",
    );
}

#[test]
fn a_step_with_nothing_to_undo_is_left_as_it_is() {
    check(
        "a- b-:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        b unclear | b#1 unclear retry @0, b#2 again
        b unclear | b#2 unclear, turned(b), compensated
        state     | compensated, a done, b unclear
    ",
    );
    check(
        "a-",
        "
        submit     | submitted, a#1 started
        a unusable | a#1 unusable, turned(a), compensated
        state      | compensated, a unusable
    ",
    );
}

#[test]
fn a_request_that_renders_differently_needs_a_person() {
    check(
        "a",
        "
        submit    | submitted, a#1 started
        a unclear | a#1 unclear retry @0, a#2 again
        a changed | a unrendered stuck(RenderChanged), parked
        state     | parked(forward), a acting[#2 f1 r0 since @0 tainted stuck(RenderChanged)]
        failures  | a RenderChanged(differs)
        wants     | nothing
        cancel    | turned(cancelled), a'#1 started
    ",
    );
    check(
        "a",
        "
        submit    | submitted, a#1 started
        a changed | a unrendered stuck(RenderChanged), parked
        cancel    | turned(cancelled), compensated
        state     | compensated, a no effect
    ",
    );
    check(
        "a",
        "
        submit     | submitted, a#1 started
        a unusable | a#1 unusable, turned(a), a'#1 started
        a' unclear | a'#1 unclear retry @0, a'#2 again
        a' changed | a' unrendered stuck(RenderChanged), parked
        failures   | a Unusable(not JSON), a' RenderChanged(differs)
        retry a'   | a' retried, a'#3 again
        a' done    | a'#3 done, compensated
    ",
    );
}

#[test]
fn while_turning_back_a_request_that_renders_differently_is_given_up() {
    check(
        "a b",
        "
        submit    | submitted, a#1 started, b#1 started
        a unclear | a#1 unclear retry @0, a#2 again
        b refused | b#1 refused, turned(b)
        a changed | a unrendered, a'#1 started
        failures  | b Refused(said no), a RenderChanged(differs)
    ",
    );
    check(
        "a b",
        "
        submit    | submitted, a#1 started, b#1 started
        b refused | b#1 refused, turned(b)
        a changed | a unrendered, compensated
    ",
    );
}

#[test]
fn a_service_may_ask_for_patience() {
    check(
        "a",
        "
        submit       | submitted, a#1 started
        a unclear 5s | a#1 unclear retry @5s
        wants        | wake @5s
        timer        |
        +4999ms      |
        timer        |
        +1ms         |
        timer        | a#2 again
        wants        | a#2, wake @1m
    ",
    );
    check(
        "a",
        "
        submit        | submitted, a#1 started
        a unclear 20m | a#1 unclear retry @10m
    ",
    );
}

#[test]
fn a_compensation_is_refused_three_times_in_a_row() {
    check(
        "a",
        "
        submit     | submitted, a#1 started
        a unusable | a#1 unusable, turned(a), a'#1 started
        a' refused | a'#1 refused retry @0, a'#2 again
        a' refused | a'#2 refused retry @0, a'#3 again
        state      | compensating, a undoing[#3 f2 r2 since @0 in flight]
        a' unclear | a'#3 unclear retry @0, a'#4 again
        state      | compensating, a undoing[#4 f3 r0 since @0 tainted in flight]
        a' refused | a'#4 refused retry @0, a'#5 again
        a' sealed  | a'#5 sealed retry @0, a'#6 again
        a' refused | a'#6 refused stuck(RefusedRepeatedly), parked
        wants      | nothing
        failures   | a Unusable(not JSON), a' Refused(said no)
    ",
    );
}

#[test]
fn a_compensation_with_a_limit_parks_when_it_is_used_up() {
    check(
        "a2",
        "
        submit     | submitted, a#1 started
        a unusable | a#1 unusable, turned(a), a'#1 started
        a' unclear | a'#1 unclear retry @0, a'#2 again
        a' unclear | a'#2 unclear stuck(Exhausted), parked
        failures   | a Unusable(not JSON), a' Unclear(no answer)
    ",
    );
    check(
        "a2",
        "
        submit     | submitted, a#1 started
        a unusable | a#1 unusable, turned(a), a'#1 started
        a' unclear | a'#1 unclear retry @0, a'#2 again
        a' refused | a'#2 refused stuck(Exhausted), parked
    ",
    );
}

#[test]
fn a_compensation_parks_after_a_day() {
    check(
        "a",
        "
        submit       | submitted, a#1 started
        a unusable   | a#1 unusable, turned(a), a'#1 started
        +1h          |
        a' unclear   | a'#1 unclear retry @1h, a'#2 again
        +23h         |
        a' unclear   | a'#2 unclear retry @24h, a'#3 again
        +3599999ms   |
        a' unclear   | a'#3 unclear retry @89999999ms, a'#4 again
        +1ms         |
        a' unclear   | a'#4 unclear stuck(TooLong), parked
        retry a'     | a' retried, a'#5 again
        a' unclear   | a'#5 unclear retry @25h, a'#6 again
    ",
    );
}

#[test]
fn a_step_behind_the_pivot_must_succeed() {
    check(
        "a* b-:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        b unclear | b#1 unclear retry @0, b#2 again
        b unclear | b#2 unclear retry @0, b#3 again
        b refused | b#3 refused stuck(Refused), parked
        state     | parked(forward), a done, b acting[#3 f3 r1 since @0 tainted stuck(Refused)]
        failures  | b Refused(said no)
        retry b   | b retried, b#4 again
        b unusable | b#4 unusable stuck(Unusable), parked
        complete b | b vouched done, completed
    ",
    );
    check(
        "a* b2-:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        b unclear | b#1 unclear retry @0, b#2 again
        b unclear | b#2 unclear stuck(Exhausted), parked
    ",
    );
    check(
        "a* b-:a",
        "
        submit    | submitted, a#1 started
        a done    | a#1 done, b#1 started
        b unclear | b#1 unclear retry @0, b#2 again
        +24h      |
        b unclear | b#2 unclear stuck(TooLong), parked
    ",
    );
}
