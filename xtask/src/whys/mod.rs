//! Is the story right? Each way in which a booking can fail is done to one, and `ondol why` must name the service, the step,
//! the stage and the reason; among them the two that look alike: the callee failed, and the callee did its work and its
//! answer was lost.

mod cases;
mod judge;

use crate::clock::wait_for;
use crate::error::Error;
use crate::print::Print;
use crate::stack::{Api, Booking, Retries, Service, Setup, Stack};
use crate::workspace;
use cases::{CASES, Case, Harm};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Options of the proof.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only the case of this name
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Print every story, in both languages
    #[arg(long)]
    stories: bool,
}

const FLIGHT: &str = "KE902";
const PRICE: u32 = 100;
const SEATS: u32 = 50;
/// Enough for one booking.
const BALANCE: u32 = 150;
/// Too little for one.
const BALANCE_POOR: u32 = 40;

/// How long a booking may take to come where its case expects it: attempts are used up, or a service is back.
const SETTLED_MAX: Duration = Duration::from_mins(3);

/// How long spans and logs may take to be there: services send them within a fraction of a second.
const TOLD_MAX: Duration = Duration::from_secs(15);

/// Into a slow step: its request has arrived, nothing has happened yet.
const INTO_THE_STEP: Duration = Duration::from_millis(500);

/// How long to wait for a service that kills itself.
const DEATH_MAX: Duration = Duration::from_secs(30);

/// Does all of it.
///
/// # Errors
/// If it could not be done, or a story is wrong.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let print = Print::for_stdout();
    workspace::directory("ondol-whys-", |directory| {
        let setup = Setup {
            directory: directory.to_owned(),
            build: Vec::new(),
            service: Box::new(|_| Vec::new()),
            retries: Retries::Sample,
            instances: 1,
            telemetry: true,
            faults: None,
        };
        let mut stack = Stack::start(root, &setup)?;
        seed(&mut stack)?;
        for (number, case) in CASES.iter().enumerate() {
            if options.only.as_ref().is_none_or(|only| only == case.name) {
                one(&print, &mut stack, case, number, options.stories)?;
            }
        }
        print.held()
    })
}

/// A flight, accounts, and a seat that is sold.
fn seed(stack: &mut Stack) -> Result<(), Error> {
    let flight = json!({ "seats": SEATS, "price": PRICE });
    stack.service(Service::Flight).client().must("PUT", &format!("/flights/{FLIGHT}"), Some(&flight))?;
    let mut payment = stack.service(Service::Payment).client();
    for (number, case) in CASES.iter().enumerate() {
        let balance = if case.poor { BALANCE_POOR } else { BALANCE };
        payment.must("PUT", &format!("/accounts/{}", user(number)), Some(&json!({ "balance": balance })))?;
    }
    let first = CASES.len();
    payment.must("PUT", &format!("/accounts/{}", user(first)), Some(&json!({ "balance": BALANCE })))?;
    let sold = booking("sold-before", first, cases::SOLD);
    let mut api = stack.api();
    api.submit(&sold)?;
    settled(&mut api, &sold.id, &["completed"])
}

fn user(number: usize) -> String {
    format!("user-{:02}", number + 1)
}

fn booking(id: &str, number: usize, seat: &str) -> Booking {
    Booking {
        id: id.to_owned(),
        user: user(number),
        flight: FLIGHT.to_owned(),
        seat: seat.to_owned(),
        price: PRICE,
    }
}

fn one(print: &Print, stack: &mut Stack, case: &Case, number: usize, stories: bool) -> Result<(), Error> {
    print.heading(&format!("{}: {}", case.name, case.what));
    let seat = case.seat.map_or_else(|| format!("{}C", number + 1), str::to_owned);
    let booking = booking(case.name, number, &seat);
    let mut api = stack.api();
    harm(stack, case, &booking, &mut api)?;
    let told = if case.asked_while_away {
        asked(print, &mut api, case)
    } else {
        settled(&mut api, case.name, case.ends)?;
        asked(print, &mut api, case)
    };
    if stories || told.is_none() {
        for language in ["en", "ko"] {
            println!("{}", api.why(case.name, language)?["text"].as_str().unwrap_or_default());
        }
    }
    mend(stack, case)?;
    settled(&mut api, case.name, case.ends)
}

/// Does to the booking what its case says, and submits it.
fn harm(stack: &mut Stack, case: &Case, booking: &Booking, api: &mut Api) -> Result<(), Error> {
    let service = case.service;
    match case.harm {
        Harm::None => {}
        Harm::Rule(kind) | Harm::RuleAndDeath(kind) => {
            let mut rule: Value = serde_json::from_str(kind).expect("a rule is JSON");
            rule["saga_contains"] = booking.id.as_str().into();
            let document = json!({ "rule": [rule] });
            stack.service(service).client().must("PUT", "/faults", Some(&document))?;
        }
        Harm::Away => {
            stack.service(service).kill();
        }
    }
    api.submit(booking)?;
    match case.harm {
        Harm::RuleAndDeath(_) if case.asked_while_away => {
            std::thread::sleep(INTO_THE_STEP);
            stack.service(service).kill();
        }
        Harm::RuleAndDeath(_) => {
            let unit = stack.service(service);
            let died = wait_for(DEATH_MAX, || (!unit.alive()).then_some(()));
            died.ok_or_else(|| Error::Failed(format!("{} did not die as it was told to", service.name())))?;
            unit.restart(&[])?;
        }
        Harm::None | Harm::Rule(_) | Harm::Away => {}
    }
    Ok(())
}

fn mend(stack: &mut Stack, case: &Case) -> Result<(), Error> {
    let unit = stack.service(case.service);
    if unit.alive() { unit.client().must("DELETE", "/faults", None).map(drop) } else { unit.restart(&[]) }
}

/// Waits until the story says what it must, and prints what it says. Nothing where it never does.
fn asked(print: &Print, api: &mut Api, case: &Case) -> Option<Value> {
    let mut last = Vec::new();
    let told = wait_for(TOLD_MAX, || {
        let told = api.why(case.name, "en").ok()?;
        last = judge::wrong(&told["story"], &case.expected);
        last.is_empty().then_some(told)
    });
    if told.is_some() {
        print.check(true, &case.expected.to_string());
    } else {
        print.check(false, &format!("{}: {}", case.expected, last.join("; ")));
    }
    told
}

fn settled(api: &mut Api, id: &str, ends: &[&str]) -> Result<(), Error> {
    let mut status = Value::Null;
    let settled = wait_for(SETTLED_MAX, || {
        status = api.saga(id).ok()?["status"].clone();
        ends.iter().any(|end| status == *end).then_some(())
    });
    settled.ok_or_else(|| {
        Error::Failed(format!("{id} is {status} after {SETTLED_MAX:?}, not {}", ends.join(" or ")))
    })
}
