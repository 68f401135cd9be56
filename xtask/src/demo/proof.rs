//! The proof: SQL over the services' own files. Ondol is not asked.

use super::story::Story;
use crate::error::Error;
use crate::print::Print;
use crate::stack::Stack;
use airline::audit::{Accepted, Counts, audit};

/// Prints what holds and what does not.
///
/// # Errors
/// If the files cannot be read, or something does not hold.
pub(super) fn prove(print: &Print, stack: &Stack, stories: &[Story]) -> Result<(), Error> {
    let accepted: Vec<Accepted> = stories.iter().map(Story::accepted).collect();
    let report = audit(&stack.stores(), Some(&accepted))?;
    print.heading("Proof, by SQL over the five services' own files");
    print.all(&checks(&report.counts, stories.len()));
    for violation in &report.violations {
        print.check(false, violation);
    }
    print.check(
        report.violations.is_empty(),
        "row by row: no seat, charge, reservation or message contradicts another, and each booking ended as it must",
    );
    print.held()
}

/// What the sums must be.
fn checks(counts: &Counts, accepted: usize) -> Vec<(bool, String)> {
    let Counts {
        confirmed,
        cancelled,
        seats,
        charges,
        charged,
        balance,
        seeded,
        completed,
        compensated,
        parked,
        ..
    } = *counts;
    let accepted = i64::try_from(accepted).unwrap_or(i64::MAX);
    vec![
        (
            completed + compensated == accepted,
            format!(
                "{accepted} bookings were accepted, {completed} completed and {compensated} undone: none is lost"
            ),
        ),
        (seats == confirmed, format!("{seats} seats are held by {confirmed} confirmed reservations")),
        (
            charges == confirmed,
            format!("{charges} charges for {confirmed} confirmed reservations: nobody paid twice"),
        ),
        (
            seeded == balance + charged,
            format!("{seeded} was on the accounts, {balance} is left and {charged} was charged"),
        ),
        (
            cancelled <= compensated,
            format!("{cancelled} reservations were cancelled, each of an undone booking"),
        ),
        (
            completed == confirmed,
            format!("{completed} users were told yes, {compensated} no, {parked} wait for a person"),
        ),
    ]
}
