//! SIGKILL in the middle of a million records: what was acknowledged is there, each record once.

use super::Programs;
use crate::clock::wait_for;
use crate::error::Error;
use crate::nezha::{Archive, Hand, checks, unpacked};
use crate::print::Print;
use crate::receiver::Receiver;
use std::path::Path;
use std::time::Duration;

/// Whole repetitions of the day of at least so many spans and so many log records: together over a million.
const HOW_MUCH: [&str; 3] = ["--spans=600000", "--logs=500000", "--whole"];

/// The server is killed whenever so many more records were acknowledged.
const BETWEEN: u64 = 120_000;

/// How often, at most.
const KILLS: u64 = 8;

/// How long so many records may take, on a busy machine and in a debug build.
const PATIENCE: Duration = Duration::from_mins(3);

/// Sends, kills, and looks.
///
/// # Errors
/// If it cannot be run.
pub(super) fn run(
    root: &Path,
    print: &Print,
    programs: &Programs,
    archive: &Archive,
    directory: &Path,
) -> Result<(), Error> {
    let day = unpacked(root, archive)?;
    let mut receiver = Receiver::start(&programs.ondol, directory, &[])?;
    let hand = HOW_MUCH.iter().fold(Hand::new(&programs.telemetry, &day), Hand::with);
    print.heading("SIGKILL while a million records are sent");
    let acknowledged = directory.join("acknowledged");
    let mut arguments: Vec<String> = receiver.at_grpc().into();
    arguments.extend(["--acknowledged".to_owned(), acknowledged.display().to_string()]);
    let mut sender = hand.start(&arguments)?;
    for kill in 1..=KILLS {
        let enough = || {
            let ended = sender.try_wait().ok().flatten().is_some();
            (ended || records(&acknowledged) >= kill * BETWEEN).then_some(ended)
        };
        match wait_for(PATIENCE, enough) {
            Some(false) => {}
            Some(true) => break,
            None => return Err(Error::Failed(format!("nothing more was acknowledged in {PATIENCE:?}"))),
        }
        receiver.unit.kill();
        print.action(&format!("SIGKILL {kill}, when {} records were acknowledged", records(&acknowledged)));
        receiver.unit.restart(&[])?;
    }
    let sent = hand.end(sender)?.first().cloned().unwrap_or_default();
    let sum = |key: &str| -> u64 {
        ["traces", "logs"].iter().filter_map(|signal| sent[signal][key].as_u64()).sum()
    };
    print.check(
        sum("records") >= 1_000_000 && sum("rejected") == 0,
        &format!(
            "{} records were acknowledged; {} of them were in exports that had no answer and were sent again",
            sum("records"),
            sum("repeated_records")
        ),
    );
    let hand = hand.with("--hours").with(sent["hours"].to_string());
    let [check, api, address] = receiver.at_api("check");
    // The ledger counts from the last start.
    checks(print, &hand.run(&[check, api, address, "--no-ledger".to_owned()])?);
    Ok(())
}

/// Records in acknowledged batches so far.
fn records(acknowledged: &Path) -> u64 {
    let text = std::fs::read_to_string(acknowledged).unwrap_or_default();
    let count = |line: &str| line.split(' ').nth(2)?.parse::<u64>().ok();
    text.lines().filter_map(count).sum()
}
