//! The six scenes, in order.

use super::story::Story;
use super::{FLIGHT, PRICE, USERS_POOR, poor, user};
use crate::clock::wait_for;
use crate::error::Error;
use crate::print::Print;
use crate::stack::{Api, Booking, Service, Stack, Unit};
use airline::audit::Outcome;
use serde_json::json;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long a service needs for a step in the scenes in which something is killed meanwhile.
const SLOW_MS: u64 = 1_500;

/// Into such a step: its request has arrived, nothing has happened yet.
const INTO_THE_STEP: Duration = Duration::from_millis(500);

/// How long a service stays away.
const AWAY: Duration = Duration::from_secs(1);

/// How long to wait for a service that kills itself.
const DEATH_MAX: Duration = Duration::from_secs(30);

/// The crowd of the last scene: as many as are booked at once when Ondol is killed.
const CROWD: u32 = 50;

/// Number of the crowd's first user.
const FIRST_OF_CROWD: u32 = 6;

/// Between two bookings of the crowd.
const APART: Duration = Duration::from_millis(20);

/// How long each hold takes the flight service in the last scene, so that there is a middle to be killed in.
const CROWD_SLOW_MS: u64 = 300;

/// Plays all scenes.
///
/// # Errors
/// If the stage breaks down: a program does not start, a booking never ends.
pub(super) fn play(print: &Print, stack: &mut Stack) -> Result<Vec<Story>, Error> {
    let mut stories = Vec::new();
    print.heading("1  A booking");
    stories.push(book(stack, &booking("success", 1, "12A"), Outcome::Completed)?);
    print.heading("2  The seat is sold already");
    stories.push(book(stack, &booking("sold", 2, "12A"), Outcome::Compensated)?);
    print.heading("3  The payment is declined; then somebody else takes the seat that became free");
    stories.push(book(stack, &booking("declined", poor(0), "12B"), Outcome::Compensated)?);
    stories.push(book(stack, &booking("after-declined", 3, "12B"), Outcome::Completed)?);
    print.heading("4  The flight service is killed while it books, and comes back");
    stories.push(service_killed(print, stack)?);
    print.heading("5  The payment service charges, and dies before it answers");
    stories.push(service_dies_after_commit(print, stack)?);
    print.heading("6  Ondol itself is killed amid 50 bookings, and started again");
    stories.extend(ondol_killed(print, stack)?);
    Ok(stories)
}

fn booking(id: &str, number: u32, seat: &str) -> Booking {
    Booking {
        id: id.to_owned(),
        user: user(number),
        flight: FLIGHT.to_owned(),
        seat: seat.to_owned(),
        price: PRICE,
    }
}

fn book(stack: &mut Stack, booking: &Booking, expected: Outcome) -> Result<Story, Error> {
    let mut api = stack.api();
    api.submit(booking)?;
    end(stack, &mut api, booking, expected)
}

fn end(stack: &mut Stack, api: &mut Api, booking: &Booking, expected: Outcome) -> Result<Story, Error> {
    let mut inbox = stack.service(Service::Inbox).client();
    Story::of(api, &mut inbox, booking, expected)
}

/// Replaces the rules by which a service misbehaves.
fn faults(stack: &mut Stack, service: Service, rules: &serde_json::Value) -> Result<(), Error> {
    let document = json!({ "rule": rules });
    for instance in stack.instances(service) {
        instance.client().must("PUT", "/faults", Some(&document))?;
    }
    Ok(())
}

fn service_killed(print: &Print, stack: &mut Stack) -> Result<Story, Error> {
    let booking = booking("flight-killed", 4, "14C");
    faults(
        stack,
        Service::Flight,
        &json!([{ "saga_contains": booking.id, "kind": { "slow": { "ms": SLOW_MS } } }]),
    )?;
    let mut api = stack.api();
    api.submit(&booking)?;
    std::thread::sleep(INTO_THE_STEP);
    let flights = stack.instances(Service::Flight);
    print.action(&format!(
        "SIGKILL to both flights ({}), one of which is about to hold the seat",
        pids(flights)
    ));
    for flight in &mut *flights {
        flight.kill();
    }
    std::thread::sleep(AWAY);
    for flight in &mut *flights {
        flight.restart(&[])?;
    }
    print.action(&format!("they are back ({})", pids(flights)));
    end(stack, &mut api, &booking, Outcome::Completed)
}

fn pids(units: &[Unit]) -> String {
    let ids: Vec<String> = units.iter().map(|unit| unit.id().unwrap_or(0).to_string()).collect();
    format!("pids {}", ids.join(" and "))
}

fn service_dies_after_commit(print: &Print, stack: &mut Stack) -> Result<Story, Error> {
    let booking = booking("payment-died", 5, "14D");
    let rule = json!([{ "saga_contains": booking.id, "kind": "die_after_commit", "times": 1 }]);
    faults(stack, Service::Payment, &rule)?;
    let mut api = stack.api();
    api.submit(&booking)?;
    let payments = stack.instances(Service::Payment);
    let died = wait_for(DEATH_MAX, || payments.iter_mut().position(|payment| !payment.alive()));
    let died =
        died.ok_or_else(|| Error::Failed("the payment service did not die as it was told to".to_owned()))?;
    print.action("payment has committed the charge and died; Ondol cannot know which of the two came first");
    for payment in payments.iter_mut() {
        // The other one was told to die, too; it may have got the repeat already.
        if payment.alive() {
            payment.client().must("DELETE", "/faults", None).ok();
        }
    }
    payments[died].restart(&[])?;
    print.action(
        "its other instance, or itself once it is back, gets the same key and gives the stored answer",
    );
    for payment in payments.iter_mut().filter_map(|payment| (!payment.alive()).then_some(payment)) {
        payment.restart(&[])?;
    }
    end(stack, &mut api, &booking, Outcome::Completed)
}

/// The crowd: most have money and a seat of their own; some are poor, some want a seat that is sold.
fn crowd() -> Vec<(Booking, Outcome)> {
    let (poors, sold) = (USERS_POOR - 1, 5);
    let one = |n: u32| match n {
        n if n < poors => (poor(n + 1), format!("{}B", 20 + n), Outcome::Compensated),
        n if n < poors + sold => (FIRST_OF_CROWD + n, "12A".to_owned(), Outcome::Compensated),
        n => (FIRST_OF_CROWD + n, format!("{}A", 20 + n), Outcome::Completed),
    };
    let named = |n: u32| {
        let (number, seat, expected) = one(n);
        (booking(&format!("crowd-{n:02}"), number, &seat), expected)
    };
    (0..CROWD).map(named).collect()
}

fn ondol_killed(print: &Print, stack: &mut Stack) -> Result<Vec<Story>, Error> {
    faults(
        stack,
        Service::Flight,
        &json!([{ "ondol_only": true, "kind": { "slow": { "ms": CROWD_SLOW_MS } } }]),
    )?;
    let crowd = crowd();
    let (accepted, repeated) = (AtomicU32::new(0), AtomicU32::new(0));
    let apis: Vec<Api> = crowd.iter().map(|_| stack.api()).collect();
    let submit = |n: u32, booking: &Booking, mut api: Api| -> Result<(), Error> {
        std::thread::sleep(APART * n);
        let sent = api.submit(booking)?;
        accepted.fetch_add(1, Ordering::Relaxed);
        repeated.fetch_add(sent - 1, Ordering::Relaxed);
        Ok(())
    };
    std::thread::scope(|scope| {
        let submit = &submit;
        let clients = (0..).zip(&crowd).zip(apis);
        let submits: Vec<_> =
            clients.map(|((n, (booking, _)), api)| scope.spawn(move || submit(n, booking, api))).collect();
        // Half of them in: the others meet a dead server and ask again with the same id.
        wait_for(DEATH_MAX, || (accepted.load(Ordering::Relaxed) >= CROWD / 2).then_some(()));
        let pid = stack.ondol.id().unwrap_or(0);
        stack.ondol.kill();
        print.action(&format!(
            "SIGKILL to Ondol (pid {pid}), {} bookings accepted",
            accepted.load(Ordering::Relaxed)
        ));
        std::thread::sleep(AWAY);
        stack.ondol.restart(&[])?;
        let pid = stack.ondol.id().unwrap_or(0);
        print.action(&format!("Ondol is back (pid {pid}); it reads its journal and goes on"));
        submits.into_iter().try_for_each(|submit| submit.join().expect("a submit does not panic"))
    })?;
    print.action(&format!(
        "all {CROWD} accepted; {} requests had to be repeated",
        repeated.load(Ordering::Relaxed)
    ));
    let mut api = stack.api();
    crowd.into_iter().map(|(booking, expected)| end(stack, &mut api, &booking, expected)).collect()
}
