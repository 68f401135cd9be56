//! The product in five minutes: flights are booked while services and Ondol are killed, and SQL proves that it held.
//!
//! It shows; the torture proves. Bookings are few, each crash is at a moment a person can follow.

mod proof;
mod scenes;
mod story;
mod table;

use crate::console;
use crate::error::Error;
use crate::print::Print;
use crate::stack::{Retries, Service, Setup, Stack};
use crate::workspace;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// Options of the demo.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// End after the proof instead of staying up; the status is 0 only if everything held
    #[arg(long)]
    exit: bool,
}

/// The one flight of the demo.
const FLIGHT: &str = "KE902";

/// Price of a seat.
const PRICE: u32 = 100;

/// Enough for one booking and too little for two.
const BALANCE: u32 = 150;

/// Too little for one booking.
const BALANCE_POOR: u32 = 40;

/// Seats of the flight; more than are booked.
const SEATS: u32 = 200;

/// Users of the demo, `user-01` and so on: one for each booking.
const USERS: u32 = 70;

/// The last ones of them are poor.
const USERS_POOR: u32 = 6;

/// What Ondol's calls meet on purpose now and then: an answer that is lost, a service that is too busy, delays.
const FAULTS: &str = "[{ share: 3%, lose_answer: true }, { share: 3%, status: 503 }, \
     { share: 10%, latency: 5ms, jitter: 20ms }]";

/// Name of a user by number, from 1.
fn user(number: u32) -> String {
    format!("user-{number:02}")
}

/// Number of a poor user, the `n`-th from 0.
const fn poor(n: u32) -> u32 {
    USERS - n
}

/// Runs the demo.
///
/// # Errors
/// If it could not be run, or something did not hold.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let print = Print::for_stdout();
    console::built(root);
    workspace::directory("ondol-demo-", |directory| {
        let setup = Setup {
            directory: directory.to_owned(),
            build: Vec::new(),
            service: Box::new(|_| Vec::new()),
            retries: Retries::Sample,
            instances: 2,
            telemetry: true,
            faults: Some(FAULTS),
        };
        let mut stack = Stack::start(root, &setup)?;
        seed(&mut stack)?;
        urls(&mut stack);
        let stories = scenes::play(&print, &mut stack)?;
        table::print(&print, &stories);
        proof::prove(&print, &stack, &stories)?;
        why(&print, &stack, &stories)?;
        if !options.exit {
            stay(&print, &mut stack, &stories);
        }
        Ok(())
    })
}

/// How Ondol tells one booking that failed.
fn why(print: &Print, stack: &Stack, stories: &[story::Story]) -> Result<(), Error> {
    let Some(undone) = stories.iter().rev().find(|story| story.id == "declined") else { return Ok(()) };
    print.heading(&format!("ondol why {}", undone.id));
    let told = stack.api().why(&undone.id, "en")?;
    for line in told["text"].as_str().unwrap_or_default().lines() {
        println!("  {line}");
    }
    Ok(())
}

/// A flight and accounts.
fn seed(stack: &mut Stack) -> Result<(), Error> {
    let flight = json!({ "seats": SEATS, "price": PRICE });
    stack.service(Service::Flight).client().must("PUT", &format!("/flights/{FLIGHT}"), Some(&flight))?;
    let mut payment = stack.service(Service::Payment).client();
    for number in 1..=USERS {
        let balance = if number > USERS - USERS_POOR { BALANCE_POOR } else { BALANCE };
        payment.must("PUT", &format!("/accounts/{}", user(number)), Some(&json!({ "balance": balance })))?;
    }
    Ok(())
}

fn urls(stack: &mut Stack) {
    println!("Ondol listens on http://{}: open it in a browser", stack.ondol.address());
    for unit in stack.services() {
        println!("  {:<12} http://{}", unit.name(), unit.address());
    }
}

/// Between two looks at whether everything is still up.
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// Stays up until interrupted; says so when a program has gone.
fn stay(print: &Print, stack: &mut Stack, stories: &[story::Story]) {
    let api = stack.ondol.address();
    let undone = stories.iter().find(|story| !story.undone.is_empty()).map_or("declined", |story| &story.id);
    print.heading("Everything is still up. Try, in another terminal:");
    println!("  ondol why {undone} --server http://{api}");
    println!("  ondol list --server http://{api}");
    println!("  curl http://{api}/v1/sagas/{undone}");
    let inbox = stack.service(Service::Inbox).address();
    println!("  curl 'http://{inbox}/messages?user={}'", user(poor(0)));
    println!("Ctrl-C ends it all.");
    loop {
        std::thread::sleep(WATCH_EVERY);
        let services_up = stack.services().all(super::stack::Unit::alive);
        if !services_up || !stack.ondol.alive() {
            println!("A program has ended; its log is in the folder named above. Good-bye.");
            return;
        }
    }
}
