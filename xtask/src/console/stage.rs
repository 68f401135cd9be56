//! The airline with sagas in every state a person may meet: completed, undone, refused, retried, parked in two ways, waiting
//! for a service that is away. Pages are made, tested and photographed before it.

use crate::error::Error;
use crate::print::Print;
use crate::stack::{Booking, Retries, Service, Setup, Stack};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Options of the stage.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Go on booking, about one a second, as long as it is up
    #[arg(long)]
    steady: bool,
}

const FLIGHT: &str = "KE902";
const PRICE: u32 = 100;
const SEATS: u32 = 5_000;
/// Enough for many bookings.
const BALANCE: u32 = 1_000_000;
/// Too little for one.
const BALANCE_POOR: u32 = 40;
const POOR: &str = "user-02";
const USER: &str = "user-01";

/// The seat that is sold before.
const SOLD: &str = "1A";

/// Bookings that go well before the others.
const WELL: u32 = 24;
/// Bookings for a seat that is taken, and by an account that has too little.
const UNDONE: u32 = 5;
/// Bookings whose payment is declined and whose seat cannot be released then: they park.
const UNRELEASED: u32 = 6;
/// Bookings that are paid and cannot be confirmed: they park behind the pivot.
const UNCONFIRMED: u32 = 3;
/// Bookings whose answers are lost now and then, so that they are retried.
const RETRIED: u32 = 4;

/// Between two bookings.
const APART: Duration = Duration::from_millis(120);
/// Between two bookings once all is set.
const STEADY: Duration = Duration::from_millis(900);
/// How long a compensation may take to be given up.
const PARKED_MAX: Duration = Duration::from_mins(2);

/// The stage, set.
pub(super) struct Stage {
    pub(super) stack: Stack,
    booked: u32,
}

/// Sets the stage and stays up until interrupted.
///
/// # Errors
/// If something does not start, or a booking does not come where it should.
pub(super) fn stay(print: &Print, root: &Path, directory: &Path, options: &Options) -> Result<(), Error> {
    let mut stage = Stage::set(print, root, directory)?;
    print.heading(&format!("The stage is set: http://{}", stage.stack.ondol.address()));
    loop {
        std::thread::sleep(STEADY);
        if options.steady {
            stage.one_more()?;
        }
        if !stage.stack.ondol.alive() {
            return Err(Error::Failed("Ondol has ended; its log is in the folder named below".to_owned()));
        }
    }
}

impl Stage {
    /// Starts everything and plays every scene.
    ///
    /// # Errors
    /// If something does not start, or a booking does not come where it should.
    pub(super) fn set(print: &Print, root: &Path, directory: &Path) -> Result<Self, Error> {
        let setup = Setup {
            directory: directory.to_owned(),
            build: Vec::new(),
            service: Box::new(|_| Vec::new()),
            retries: Retries::Sample,
            instances: 2,
            telemetry: true,
            faults: None,
        };
        let mut stage = Self { stack: Stack::start(root, &setup)?, booked: 0 };
        print.heading("Bookings of every kind");
        stage.seed()?;
        stage.scenes()?;
        stage.settle()?;
        Ok(stage)
    }

    /// One booking; most go well, some are refused.
    ///
    /// # Errors
    /// If it is not accepted.
    pub(super) fn one_more(&mut self) -> Result<(), Error> {
        let number = self.booked;
        match number % 12 {
            5 => self.book(&format!("sold-{number}"), USER, SOLD),
            9 => self.book(&format!("declined-{number}"), POOR, &seat(number)),
            _ => self.book(&format!("booking-{number}"), USER, &seat(number)),
        }
    }

    fn seed(&mut self) -> Result<(), Error> {
        let flight = json!({ "seats": SEATS, "price": PRICE });
        let stack = &mut self.stack;
        stack.service(Service::Flight).client().must("PUT", &format!("/flights/{FLIGHT}"), Some(&flight))?;
        let mut payment = stack.service(Service::Payment).client();
        for (user, balance) in [(USER, BALANCE), (POOR, BALANCE_POOR)] {
            payment.must("PUT", &format!("/accounts/{user}"), Some(&json!({ "balance": balance })))?;
        }
        Ok(())
    }

    fn scenes(&mut self) -> Result<(), Error> {
        self.faults(Service::Flight, &json!([
            { "saga_contains": "unreleased", "half": "compensation", "kind": { "refuse": { "status": 422 } } },
        ]))?;
        self.faults(Service::Reservation, &json!([
            { "saga_contains": "unconfirmed", "path_contains": "/confirm", "kind": { "refuse": { "status": 409 } } },
            { "saga_contains": "retried", "half": "action", "kind": "drop_answer", "times": 3 },
            { "saga_contains": "failing", "half": "action", "kind": { "refuse": { "status": 503 } } },
        ]))?;
        self.faults(
            Service::Payment,
            &json!([
                { "saga_contains": "unpaid", "half": "action", "kind": { "refuse": { "status": 503 } } },
            ]),
        )?;
        self.book("sold-before", USER, SOLD)?;
        self.many("booking", WELL, USER)?;
        for number in 0..UNDONE {
            self.book(&format!("sold-{number}"), USER, SOLD)?;
        }
        self.many("declined", UNDONE, POOR)?;
        self.many("unreleased", UNRELEASED, POOR)?;
        self.many("unconfirmed", UNCONFIRMED, USER)?;
        self.many("retried", RETRIED, USER)?;
        self.many("failing", 2, USER)?;
        self.many("unpaid", 2, USER)
    }

    /// Waits until what parks has parked.
    fn settle(&self) -> Result<(), Error> {
        let mut api = self.stack.api();
        let parked = (UNRELEASED + UNCONFIRMED) as usize;
        let settled = crate::clock::wait_for(PARKED_MAX, || {
            let there = api.list("parked", 100).ok()?.len();
            (there >= parked).then_some(())
        });
        settled.ok_or_else(|| Error::Failed(format!("{parked} sagas should be parked by now")))
    }

    fn many(&mut self, name: &str, count: u32, user: &str) -> Result<(), Error> {
        (0..count).try_for_each(|number| {
            let seat = seat(self.booked);
            self.book(&format!("{name}-{number}"), user, &seat)
        })
    }

    fn book(&mut self, id: &str, user: &str, seat: &str) -> Result<(), Error> {
        self.booked += 1;
        let booking = Booking {
            id: id.to_owned(),
            user: user.to_owned(),
            flight: FLIGHT.to_owned(),
            seat: seat.to_owned(),
            price: PRICE,
        };
        self.stack.api().submit(&booking)?;
        std::thread::sleep(APART);
        Ok(())
    }

    fn faults(&mut self, service: Service, rules: &Value) -> Result<(), Error> {
        let document = json!({ "rule": rules });
        for instance in self.stack.instances(service) {
            instance.client().must("PUT", "/faults", Some(&document))?;
        }
        Ok(())
    }
}

/// A seat that nobody else has.
fn seat(number: u32) -> String {
    format!("{}{}", 2 + number / 6, char::from(b'A' + (number % 6) as u8))
}
