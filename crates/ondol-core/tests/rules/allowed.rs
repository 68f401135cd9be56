//! What a person may do in each phase, and why not.

use ondol_core::VerbKind;

use crate::script::{Run, check};

#[test]
fn each_phase_says_what_it_allows() {
    check(
        "a b:a",
        "
        allowed pause    | the saga was not submitted yet
        allowed resume   | the saga was not submitted yet
        allowed cancel   | the saga was not submitted yet
        allowed edit x   | the saga was not submitted yet
        allowed retry a  | the saga was not submitted yet
        submit           | submitted, a#1 started
        allowed pause    | Now
        allowed resume   | the saga is not paused
        allowed cancel   | Now
        allowed edit x   | Now
        allowed retry a  | a request is on its way; wait for its answer or its timeout
        allowed complete a | a request is on its way; wait for its answer or its timeout
        allowed skip a   | a request is on its way; wait for its answer or its timeout
        allowed retry b  | this half of the step is not being tried
        allowed retry a' | this half of the step is not being tried
        allowed resend 0 | the saga has no such notice
        a unclear 5s     | a#1 unclear retry @5s
        allowed retry a  | Now
        allowed complete a | Now
        allowed skip a   | an action is not skipped; `complete` it, or `cancel` the saga before the pivot
        allowed skip a'  | this half of the step is not being tried
        pause            | paused
        allowed pause    | the saga is paused already
        allowed resume   | Now
        resume           | resumed
        cancel           | turned(cancelled), a'#1 started
        allowed cancel   | the saga is turning back already
        allowed complete a | this half of the step is not being tried
        allowed pause    | Now
        a' unclear 5s    | a'#1 unclear retry @5s
        allowed retry a' | Now
        allowed skip a'  | Now
        retry a'         | a' retried, a'#2 again
        a' done          | a'#2 done, compensated
        allowed pause    | the saga is compensated: everything was undone
        allowed resume   | the saga is compensated: everything was undone
        allowed cancel   | the saga is compensated: everything was undone
        allowed edit x   | the saga is compensated: everything was undone
        allowed retry a' | the saga is compensated: everything was undone
    ",
    );
    check(
        "a",
        "
        submit         | submitted, a#1 started
        a done         | a#1 done, completed
        allowed pause  | the saga is completed
        allowed cancel | the saga is completed
        allowed edit x | the saga is completed
    ",
    );
}

#[test]
fn a_half_that_is_about_to_start_is_left_alone() {
    check(
        "a* b-:a",
        "
        submit         | submitted, a#1 started
        by hand        |
        a done         | a#1 done
        answer b fails | b unrendered stuck(ExpressionError), parked
        allowed retry b | Now
        pause          | paused
        retry b        | b retried
        state          | running, paused @0, a done, b acting[#0 f0 r0 unasked]
        allowed retry b | the half is about to start
        wants          | nothing
        resume         | resumed
        wants          | ask b
    ",
    );
}

#[test]
fn the_pivot_is_skipped_only_where_it_may_not_have_taken_effect() {
    check(
        "a*",
        "
        submit       | submitted, a#1 started
        allowed skip a | a request is on its way; wait for its answer or its timeout
        a unclear 5s | a#1 unclear retry @5s
        allowed skip a | Now
        skip a       | a vouched gone, turned(a), compensated
        failures     | a Cancelled(seen)
    ",
    );
}

#[test]
fn the_list_has_every_verb_about_the_saga_and_about_each_half_being_tried() {
    let mut run = Run::new("a b*:a c-:b");
    let list = |run: &Run| {
        let one = |it: &ondol_core::Allowed| {
            let half = it.half.map_or(String::new(), |(step, half)| format!(" {step}{half:?}"));
            format!("{:?}{half}={}", it.verb, if it.verdict.is_ok() { "yes" } else { "no" })
        };
        run.saga.allowed().iter().map(one).collect::<Vec<_>>().join(" ")
    };
    run.line("submit");
    assert_eq!(
        list(&run),
        "Pause=yes Resume=no Cancel=yes Edit=yes Retry 0Action=no Complete 0Action=no Skip 0Action=no"
    );
    run.line("a done");
    run.line("b refused");
    run.line("a' unclear 5s");
    assert_eq!(
        list(&run),
        "Pause=yes Resume=no Cancel=no Edit=no Retry 0Compensation=yes Complete 0Compensation=no \
         Skip 0Compensation=yes"
    );
    run.line("skip a'");
    assert_eq!(list(&run), "Pause=no Resume=no Cancel=no Edit=no");
    assert!(run.saga.allowed().iter().all(|it| it.verb != VerbKind::Resend), "it owes no notice");
    let mut run = Run::new("a notify");
    for line in ["submit", "a changed", "cancel", "notice 0 delivered"] {
        run.line(line);
    }
    let resend = run.saga.allowed().into_iter().filter(|it| it.verb == VerbKind::Resend);
    assert_eq!(
        resend.map(|it| (it.notice, it.verdict)).collect::<Vec<_>>(),
        [(Some(1), Ok(ondol_core::Permit::Now))],
        "what was delivered is not listed"
    );
}
