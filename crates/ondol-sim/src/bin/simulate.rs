//! Runs simulations: `simulate [--from SEED] [--count N] [--bug] [--no-barrier]`. Prints the first seed that fails and the
//! command that repeats it.

use std::process::ExitCode;

use ondol_engine::Bug;
use ondol_sim::simulate::{Outcome, Setup, run};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut from, mut count, mut bug, mut barrier) = (0_u64, 200_u64, None, true);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|text| text.parse().ok());
        match argument.as_str() {
            "--from" => from = number().unwrap_or(from),
            "--count" => count = number().unwrap_or(count),
            "--bug" => bug = Some(Bug::SendBeforeAppend),
            "--no-barrier" => barrier = false,
            other => {
                eprintln!(
                    "unknown argument {other}; usage: simulate [--from SEED] [--count N] [--bug] [--no-barrier]"
                );
                return ExitCode::from(2);
            }
        }
    }
    let mut total = Outcome::default();
    for seed in from..from + count {
        let outcome = run(Setup { bug, barrier, ..Setup::of(seed) });
        if !outcome.violations.is_empty() {
            println!("seed {seed} fails:");
            outcome.violations.iter().for_each(|violation| println!("  {violation}"));
            println!("repeat it with: cargo run -p ondol-sim --bin simulate -- --from {seed} --count 1");
            return ExitCode::FAILURE;
        }
        total.accepted += outcome.accepted;
        total.completed += outcome.completed;
        total.compensated += outcome.compensated;
        total.crashes += outcome.crashes;
        total.stops += outcome.stops;
        total.looks += outcome.looks;
        total.reopened += outcome.reopened;
        total.sent += outcome.sent;
        total.probes += outcome.probes;
    }
    println!(
        "{count} seeds from {from}: {} sagas accepted, {} completed, {} compensated; {} requests sent, {} of them probes, lines looked at {} times; {} kills, {} stops, {} lives of the store survived",
        total.accepted,
        total.completed,
        total.compensated,
        total.sent,
        total.probes,
        total.looks,
        total.crashes,
        total.stops,
        total.reopened
    );
    ExitCode::SUCCESS
}
