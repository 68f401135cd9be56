//! A new input for the halves not yet sent.

use ondol_core::bounds::EDITS_MAX;

use crate::script::{Run, check};

#[test]
fn a_half_renders_with_the_input_it_was_first_sent_with() {
    check(
        "a b:a",
        "
        submit      | submitted, a#1 started
        input a     | first
        edit second | edited
        input a     | first
        input b     | second
        input a'    | second
        a unclear   | a#1 unclear retry @0, a#2 again
        input a     | first
        a done      | a#2 done, b#1 started
        state       | running, a done, b acting[#1 f0 r0 input 1 in flight]
        input b     | second
        edit third  | edited
        input b     | second
        b refused   | b#1 refused, turned(b), a'#1 started
        state       | compensating, a undoing[#1 f0 r0 input 2 in flight], b no effect
        input a'    | third
        allowed edit x | every half that this saga needs was sent already, with the input it had
        edit fourth |
        input a'    | third
    ",
    );
}

#[test]
fn a_half_that_could_not_be_rendered_takes_the_new_input() {
    check(
        "a* b-:a",
        "
        by hand        |
        submit         | submitted
        answer a 1     | a#1 started
        a done         | a#1 done
        answer b fails | b unrendered stuck(ExpressionError), parked
        allowed edit x | Now
        edit second    | edited
        input b        | second
        retry b        | b retried
        answer b 5     | b#1 started
        state          | running, a done, b acting[#1 f0 r0 input 1 in flight]
    ",
    );
    check(
        "a",
        "
        submit          | submitted, a#1 started
        by hand         |
        a unusable      | a#1 unusable, turned(a)
        allowed edit x  | Now
        answer a' fails | a' unrendered stuck(ExpressionError), parked
        allowed edit x  | Now
        edit second     | edited
        input a'        | second
    ",
    );
}

#[test]
fn edits_are_bounded() {
    let mut run = Run::new("a b:a");
    run.line("submit");
    for edit in 0..EDITS_MAX {
        assert_eq!(run.line(&format!("edit {edit}")), "edited");
    }
    assert_eq!(run.line("edit more"), "");
    assert_eq!(run.line("allowed edit more"), "the saga's input was edited as often as is kept");
    assert_eq!(run.saga.inputs().len(), EDITS_MAX + 1);
}

#[test]
fn an_edit_is_allowed_where_it_can_still_matter() {
    check(
        "a- b-:a",
        "
        submit         | submitted, a#1 started
        allowed edit x | Now
        a done         | a#1 done, b#1 started
        allowed edit x | every half that this saga needs was sent already, with the input it had
    ",
    );
    check(
        "a b*:a c-:b",
        "
        submit         | submitted, a#1 started
        a done         | a#1 done, b#1 started
        allowed edit x | Now
        b done         | b#1 done, c#1 started
        c refused      | c#1 refused stuck(Refused), parked
        allowed edit x | every half that this saga needs was sent already, with the input it had
    ",
    );
    check(
        "a? b c-",
        "
        by hand        |
        submit         | submitted
        answer a? yes  | a chosen
        answer b 1     | b#1 started
        answer c 1     | c#1 started
        allowed edit x | Now
        cancel         | turned(cancelled)
        allowed edit x | Now
        b done         | b#1 done
        c done         | c#1 done
        allowed edit x | Now
        answer b' 1    | b'#1 started
        allowed edit x | every half that this saga needs was sent already, with the input it had
    ",
    );
    check(
        "a? b-",
        "
        by hand        |
        submit         | submitted
        answer a? no   | a skipped
        answer b 1     | b#1 started
        allowed edit x | every half that this saga needs was sent already, with the input it had
        b unusable     | b#1 unusable, turned(b), compensated
    ",
    );
}
