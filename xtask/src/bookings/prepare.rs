//! What must be there before anybody books.

use super::{BALANCE, POOR, PRICE, RICH, SEATS, first, flight};
use crate::clock::wait_for;
use crate::error::Error;
use crate::stack::{Service, Stack};
use serde_json::json;
use std::time::Duration;

/// How long the first booking may take: nothing is broken yet.
const FIRST_MAX: Duration = Duration::from_secs(30);

/// Flights, accounts, and the first booking, which sells the seat that others will want.
///
/// # Errors
/// If a service or Ondol does not do it.
pub(crate) fn prepare(stack: &mut Stack, bookings: u64) -> Result<(), Error> {
    let mut flights = stack.service(Service::Flight).client();
    for number in 0..=bookings / SEATS {
        let seats = json!({ "seats": SEATS + 1, "price": PRICE });
        flights.must("PUT", &format!("/flights/{}", flight(number)), Some(&seats))?;
    }
    let mut payment = stack.service(Service::Payment).client();
    for number in 1..=RICH + POOR {
        let balance = if number > RICH { 0 } else { BALANCE };
        payment.must("PUT", &format!("/accounts/user-{number}"), Some(&json!({ "balance": balance })))?;
    }
    let mut api = stack.api();
    let first = first().booking;
    api.submit(&first)?;
    let ended = wait_for(FIRST_MAX, || api.saga(&first.id).ok().filter(|saga| saga["status"] == "completed"));
    ended
        .map(drop)
        .ok_or_else(|| Error::Failed(format!("the first booking did not complete in {FIRST_MAX:?}")))
}
