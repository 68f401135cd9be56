//! `cargo xtask replay-nezha`: the day goes through OTLP and comes back through the API as its rows say.
//!
//! It is sent some whole hours later than it was, so that it ends within the last hour: records of 2023 are older than
//! telemetry is kept. Minutes and seconds stay as they are. Log messages name the original hour.

use super::{Archive, Hand, checks, unpacked};
use crate::clock::Stopwatch;
use crate::error::Error;
use crate::print::Print;
use crate::receiver::Receiver;
use crate::workspace;
use std::path::{Path, PathBuf};

/// Options of the replay.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    archive: Archive,
    /// Draws the traces whose `ondol why` is written beside their rows
    #[arg(long, default_value_t = 4)]
    seed: u64,
    /// An `ondol` that is built already, instead of building one
    #[arg(long, value_name = "FILE", value_parser = crate::workspace::program)]
    ondol: Option<PathBuf>,
}

/// How many traces are drawn.
const STORIES: usize = 20;

/// Replays it.
///
/// # Errors
/// If it cannot be run, or something differs.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let day = unpacked(root, &options.archive)?;
    let (ondol, telemetry) = workspace::pair(root, options.ondol.as_deref(), "telemetry")?;
    let print = Print::for_stdout();
    workspace::directory("ondol-nezha-", |directory| {
        let mut receiver = Receiver::start(&ondol, directory, &[])?;
        let hand = Hand::new(&telemetry, &day);
        print.heading("Sending the day over OTLP/gRPC");
        let watch = Stopwatch::start();
        let sent = hand.run(&receiver.at_grpc())?;
        let sent = sent.first().cloned().unwrap_or_default();
        for signal in ["traces", "logs"] {
            let (records, rejected) = (&sent[signal]["records"], &sent[signal]["rejected"]);
            let line = format!("{records} rows of {signal} sent, {rejected} not taken");
            print.check(rejected == 0 && records.as_u64() > Some(0), &line);
        }
        print.action(&format!(
            "{:.1} s; {} h later than it was",
            watch.elapsed().as_secs_f64(),
            sent["hours"]
        ));
        let hand = hand.with("--hours").with(sent["hours"].to_string());
        print.heading("What the API says, beside the rows");
        checks(&print, &hand.run(&receiver.at_api("check"))?);
        print.heading("The same after a SIGKILL");
        receiver.unit.kill();
        receiver.unit.restart(&[])?;
        let [check, api, address] = receiver.at_api("check");
        // The ledger counts from the start.
        checks(&print, &hand.run(&[check, api, address, "--no-ledger".to_owned()])?);
        stories(&print, &receiver, &hand, &root.join("target/nezha"), options.seed)?;
        print.held()
    })
}

/// For a person: the story of some traces, beside their rows.
fn stories(print: &Print, receiver: &Receiver, hand: &Hand, folder: &Path, seed: u64) -> Result<(), Error> {
    print.heading(&format!(
        "ondol why of {STORIES} traces drawn by seed {seed}: to be read beside their rows"
    ));
    let mut arguments: Vec<String> = receiver.at_api("why").into();
    let folder = folder.display().to_string();
    let more = ["--seed".to_owned(), seed.to_string(), "--count".to_owned(), STORIES.to_string()];
    arguments.extend(more.into_iter().chain(["--out".to_owned(), folder]));
    checks(print, &hand.run(&arguments)?);
    Ok(())
}
