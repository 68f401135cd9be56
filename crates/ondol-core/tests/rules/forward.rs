//! Going forward: graphs, conditions, completion.

use crate::script::check;

#[test]
fn steps_follow_their_graph() {
    check(
        "a b:a",
        "
        submit  | submitted, a#1 started
        a done  | a#1 done, b#1 started
        b done  | b#1 done, completed
        state   | completed, a done, b done
        wants   | nothing
    ",
    );
    check(
        "a b:a c:a d-:b,c",
        "
        submit  | submitted, a#1 started
        a done  | a#1 done, b#1 started, c#1 started
        c done  | c#1 done
        state   | running, a done, b acting[#1 f0 r0 in flight], c done
        b done  | b#1 done, d#1 started
        d done  | d#1 done, completed
    ",
    );
    check(
        "a b",
        "
        submit  | submitted, a#1 started, b#1 started
        b done  | b#1 done
        a done  | a#1 done, completed
    ",
    );
}

#[test]
fn a_saga_is_submitted_once() {
    check(
        "a",
        "
        wants    | nothing
        timer    |
        restart  |
        submit   | submitted, a#1 started
        submit   |
        seq      | 2
        a done 5 | a#1 done, completed
        output a | 5
        submit   |
        a done   |
        timer    |
    ",
    );
}

#[test]
fn a_condition_decides_whether_a_step_runs() {
    check(
        "a? b:a",
        "
        by hand       |
        submit        | submitted
        wants         | ask a?, wake @1m
        answer a? no  | a skipped
        answer a? yes |
        wants         | ask b, wake @1m
        answer b 9    | b#1 started
        b done        | b#1 done, completed
        output a      | none
    ",
    );
    check(
        "a? b:a",
        "
        by hand       |
        submit        | submitted
        answer a? yes | a chosen
        state         | running, a chosen
        wants         | ask a, wake @1m
        answer a? no  |
        answer a 4    | a#1 started
    ",
    );
}

#[test]
fn an_answer_to_something_else_is_ignored() {
    check(
        "a? b:a output",
        "
        by hand        |
        submit         | submitted
        answer a 4     |
        answer b 4     |
        answer b? yes  |
        answer a? 4    |
        answer a? output |
        answer output output |
        answer a' 4    |
        answer a? yes  | a chosen
        answer a yes   |
        answer a output |
        answer a 4     | a#1 started
        answer a 4     |
        a done         | a#1 done
        answer b 4     | b#1 started
        b done         | b#1 done
        wants          | ask output
        answer output 4 |
        answer output yes |
        answer output output | completed with output
        wants          | nothing
    ",
    );
}

#[test]
fn every_step_skipped_completes() {
    check(
        "a?",
        "
        by hand      |
        submit       | submitted
        answer a? no | a skipped, completed
        state        | completed, a skipped
    ",
    );
}

#[test]
fn late_and_repeated_answers_decide_nothing() {
    check(
        "a",
        "
        submit      | submitted, a#1 started
        a#2 done    |
        a' done     |
        a unclear   | a#1 unclear retry @0, a#2 again
        a#1 done    |
        a#1 refused |
        a#3 done    |
        a#2 done    | a#2 done, completed
        a#2 refused |
    ",
    );
}
