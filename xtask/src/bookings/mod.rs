//! What is booked, and how it must end: a function of the seed and the booking's number.
//!
//! Whoever breaks something books these, and proves by SQL ([`Verdict`]) that each ended as its input says.

mod chance;
mod prepare;
mod verdict;

pub(crate) use chance::Chance;
pub(crate) use prepare::prepare;
pub(crate) use verdict::{STILL_MAX, Verdict};

use crate::stack::Booking;
use airline::audit::{Accepted, Outcome};

/// People with more money than they can spend here, and people with none.
const RICH: u64 = 200;
const POOR: u64 = 10;

/// What is on a rich person's account.
const BALANCE: u64 = 1_000_000_000;

/// Seats of each flight, and so bookings: small enough to look at one.
const SEATS: u64 = 1_000;

/// Price of a seat.
const PRICE: u32 = 100;

/// The seat that is sold before all others, on the first flight.
const SOLD: &str = "S1";

/// Who has no token.
const NOBODY: &str = "nobody";

/// A booking and what its input says about its end.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) booking: Booking,
    pub(crate) end: End,
}

impl Case {
    /// For the audit.
    fn accepted(&self) -> Accepted {
        Accepted { saga: self.booking.id.clone(), expected: self.end.expected() }
    }
}

/// How a booking must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Money and a seat of its own.
    Completed,
    /// No money, a seat that is sold, or a token of nobody.
    Compensated,
    /// One of two that want the same seat: the first to hold it completes, the other does not.
    Contested,
}

impl End {
    const fn expected(self) -> Option<Outcome> {
        match self {
            Self::Completed => Some(Outcome::Completed),
            Self::Compensated => Some(Outcome::Compensated),
            Self::Contested => None,
        }
    }
}

/// How many of these get a seat, and so come to the payment. Whole pairs only.
pub(crate) fn seated(cases: &[Case]) -> u64 {
    let contested = cases.iter().filter(|case| case.end == End::Contested).count();
    let refused =
        cases.iter().filter(|case| case.booking.user == NOBODY || case.booking.seat == SOLD).count();
    (cases.len() - refused - contested / 2) as u64
}

/// How many of these come to the flight service: those whose token is somebody's.
pub(crate) fn known(cases: &[Case]) -> u64 {
    cases.iter().filter(|case| case.booking.user != NOBODY).count() as u64
}

/// The booking with this number, from 0.
pub(crate) fn case(seed: u64, number: u64) -> Case {
    // Pairs are drawn once for both, so that both know of it.
    let pair = number / 2;
    let contested = Chance::new(seed, pair * 2).within(0, 100) < 3;
    let mut chance = Chance::new(seed, number * 2 + 1);
    let rich = format!("user-{}", 1 + chance.within(0, RICH));
    let poor = format!("user-{}", 1 + RICH + chance.within(0, POOR));
    let own = format!("{number}");
    let (user, seat, end) = match chance.within(0, 100) {
        _ if contested => (rich, format!("P{pair}"), End::Contested),
        0..10 => (poor, own, End::Compensated),
        10..13 => (rich, SOLD.to_owned(), End::Compensated),
        13..15 => (NOBODY.to_owned(), own, End::Compensated),
        _ => (rich, own, End::Completed),
    };
    // The sold seat is one of the first flight.
    let flight = if seat == SOLD { flight(0) } else { flight(number / SEATS) };
    Case { booking: Booking { id: format!("t-{number}"), user, flight, seat, price: PRICE }, end }
}

/// Name of a flight.
fn flight(number: u64) -> String {
    format!("KE{}", 100 + number)
}

/// The booking that sells [`SOLD`] before it all begins.
pub(crate) fn first() -> Case {
    let booking = Booking {
        id: "t-first".to_owned(),
        user: "user-1".to_owned(),
        flight: flight(0),
        seat: SOLD.to_owned(),
        price: PRICE,
    };
    Case { booking, end: End::Completed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_kind_of_booking_occurs_and_pairs_are_whole() {
        let cases: Vec<Case> = (0..10_000).map(|number| case(7, number)).collect();
        let count = |end: End| cases.iter().filter(|case| case.end == end).count();
        assert!((7_500..8_800).contains(&count(End::Completed)), "{}", count(End::Completed));
        assert!((1_000..2_000).contains(&count(End::Compensated)), "{}", count(End::Compensated));
        let mut wanted: BTreeMap<_, Vec<End>> = BTreeMap::new();
        for case in &cases {
            wanted.entry((&case.booking.flight, &case.booking.seat)).or_default().push(case.end);
        }
        for ((_, seat), ends) in wanted {
            let right = match seat.as_bytes()[0] {
                b'P' => ends == [End::Contested, End::Contested],
                b'S' => ends.iter().all(|end| *end == End::Compensated),
                _ => ends.len() == 1,
            };
            assert!(right, "{seat}: {ends:?}");
        }
        assert!(count(End::Contested) > 100);
    }

    #[test]
    fn the_seed_decides() {
        let ids = |seed| (0..50).map(|number| case(seed, number).booking.user).collect::<Vec<_>>();
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
    }
}
