//! Telling the outside: wanted state, like calls.

use crate::script::check;

#[test]
fn a_notice_is_due_at_once_and_repeated_by_the_standard_schedule() {
    check(
        "a notify",
        "
        submit            | submitted, a#1 started
        a done            | a#1 done, completed
        wants             | notice 0 @0
        notices           | Completed seq 4 f0 @0
        notice 0 failed   | notice 0 again @5s
        notices           | Completed seq 4 f1 @5s
        +5s               |
        notice 0 failed   | notice 0 again @305s
        +5m               |
        notice 0 failed   | notice 0 again @2105s
        notice 0 failed   | notice 0 again @7505s
        notice 0 failed   | notice 0 again @18305s
        notice 0 failed   | notice 0 again @36305s
        notice 0 failed   | notice 0 again @50705s
        notice 0 failed   | notice 0 again @72305s
        notice 0 failed   | notice 0 again @86705s
        wants             | notice 0 @86705s
        notice 0 failed   | notice 0 undelivered
        notice 0 failed   |
        notice 0 delivered |
        wants             | nothing
        notices           | Completed seq 4 f9 undelivered
        allowed resend 0  | Now
        resend 0          | notice 0 again @305s
        notices           | Completed seq 4 f9 @305s
        notice 0 failed   | notice 0 undelivered
        signed resend 0   | ann says Resend, notice 0 again @305s
        notice 0 delivered | notice 0 delivered
        allowed resend 0  | the notice was delivered
        resend 0          |
        notice 0 failed   |
        notice 1 failed   |
        allowed resend 1  | the saga has no such notice
    ",
    );
}

#[test]
fn a_notice_that_a_person_sends_early_loses_none_of_its_schedule() {
    check(
        "a notify",
        "
        submit            | submitted, a#1 started
        a done            | a#1 done, completed
        notice 0 failed   | notice 0 again @5s
        notice 0 failed   | notice 0 again @5m
        notices           | Completed seq 4 f2 @5m
        +10s              |
        resend 0          | notice 0 again @10s
        notices           | Completed seq 4 f2 @10s
        resend 0          | notice 0 again @10s
        +10s              |
        resend 0          | notice 0 again @20s
        notices           | Completed seq 4 f2 @10s
        notice 0 failed   | notice 0 again @1820s
        notices           | Completed seq 4 f3 @1820s
    ",
    );
}

#[test]
fn each_news_is_told() {
    check(
        "a notify",
        "
        submit             | submitted, a#1 started
        a changed          | a unrendered stuck(RenderChanged), parked
        notices            | Parked seq 4 f0 @0
        wants              | notice 0 @0
        notice 0 delivered | notice 0 delivered
        +1s                |
        retry a            | a retried, a#2 again
        a refused          | a#2 refused, turned(a), compensated
        notices            | Parked seq 4 f0 delivered, Compensated seq 10 f0 @1s
        allowed resend 1   | Now
    ",
    );
}

#[test]
fn nobody_is_told_what_nobody_wants_to_hear() {
    check(
        "a",
        "
        submit    | submitted, a#1 started
        a changed | a unrendered stuck(RenderChanged), parked
        wants     | nothing
        cancel    | turned(cancelled), compensated
        notices   |
    ",
    );
}
