//! Conditions and bodies that cannot be evaluated.

use crate::script::check;

#[test]
fn before_the_pivot_the_step_is_refused_unsent() {
    check(
        "a b:a",
        "
        by hand        |
        submit         | submitted
        answer a 1     | a#1 started
        a done         | a#1 done
        answer b fails | b unrendered, turned(b)
        state          | compensating, a done, b no effect
        wants          | ask a'
        failures       | b ExpressionError(no such key)
    ",
    );
    check(
        "a?",
        "
        by hand         |
        submit          | submitted
        answer a? fails | a unrendered, turned(a), compensated
        failures        | a ExpressionError(no such key)
    ",
    );
    check(
        "a?",
        "
        by hand        |
        submit         | submitted
        answer a? yes  | a chosen
        answer a fails | a unrendered, turned(a), compensated
    ",
    );
    check(
        "a*",
        "
        by hand        |
        submit         | submitted
        answer a fails | a unrendered, turned(a), compensated
    ",
    );
}

#[test]
fn in_a_compensation_and_behind_the_pivot_it_needs_a_person() {
    check(
        "a",
        "
        submit          | submitted, a#1 started
        by hand         |
        a unusable      | a#1 unusable, turned(a)
        answer a' fails | a' unrendered stuck(ExpressionError), parked
        failures        | a Unusable(not JSON), a' ExpressionError(no such key)
        state           | parked(backward), a undoing[#0 f0 r0 stuck(ExpressionError)]
        retry a'        | a' retried
        wants           | ask a'
        answer a' fails | a' unrendered stuck(ExpressionError), parked
        retry a'        | a' retried
        answer a' 3     | a'#1 started
        a' done         | a'#1 done, compensated
    ",
    );
    check(
        "a* b-:a",
        "
        submit         | submitted, a#1 started
        by hand        |
        a done         | a#1 done
        answer b fails | b unrendered stuck(ExpressionError), parked
        complete b     | b vouched done, completed
    ",
    );
}

#[test]
fn a_condition_that_failed_is_asked_again() {
    check(
        "a* b-?:a",
        "
        submit          | submitted, a#1 started
        by hand         |
        a done          | a#1 done
        answer b? fails | b unrendered stuck(ExpressionError), parked
        retry b         | b retried
        wants           | ask b?
        answer b? fails | b unrendered stuck(ExpressionError), parked
        retry b         | b retried
        answer b? no    | b skipped, completed
    ",
    );
    check(
        "a* b-?:a",
        "
        submit          | submitted, a#1 started
        by hand         |
        a done          | a#1 done
        answer b? yes   | b chosen
        answer b fails  | b unrendered stuck(ExpressionError), parked
        retry b         | b retried
        wants           | ask b
        answer b 3      | b#1 started
    ",
    );
}

#[test]
fn an_output_that_cannot_be_computed_completes_all_the_same() {
    check(
        "a output",
        "
        submit              | submitted, a#1 started
        by hand             |
        a done              | a#1 done
        answer output fails | completed with error
        failures            |
    ",
    );
}
