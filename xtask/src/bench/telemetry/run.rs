//! The measurement from its start to its table.

use super::aims::{self, Aim, Measured};
use super::{Options, engine, sealed};
use crate::bench::proxy::Cores;
use crate::clock::Stopwatch;
use crate::error::Error;
use crate::nezha::{Hand, unpacked};
use crate::print::Print;
use crate::receiver::Receiver;
use crate::workspace;
use serde_json::Value;
use std::path::Path;

/// The aims of the questions, in the order in which they are asked: milliseconds, medians.
const ANSWERED_MS: [f64; 6] = [10.0, 30.0, 30.0, 150.0, 50.0, 50.0];

/// Does it.
///
/// # Errors
/// If it cannot be run, another engine disagrees, or an aim is missed.
pub(super) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let day = unpacked(root, &options.archive)?;
    let (ondol, telemetry) = workspace::pair_of(root, &["--release"], options.ondol.as_deref(), "telemetry")?;
    let cores = Cores::take()?;
    let print = Print::for_stdout();
    workspace::directory("ondol-telemetry-", |directory| {
        let receiver = cores.start(|| Receiver::start(&ondol, directory, &[]))?;
        let (spans, logs) = (options.spans, options.logs);
        let mut all = Vec::new();
        print.heading(&format!(
            "{spans} spans, {logs} log records; the server on one core, the sender on another"
        ));
        // One signal after the other, so that each has its own CPU time.
        let (first, sent) = sending(&print, &receiver, &Hand::new(&telemetry, &day), [spans, 0])?;
        all.push(Measured::new("spans a second of CPU", first, "spans/s", Aim::AtLeast(300_000.0)));
        let hand = Hand::new(&telemetry, &day).with("--hours").with(sent["hours"].to_string());
        let (second, _) = sending(&print, &receiver, &hand, [0, logs])?;
        all.push(Measured::new("log records a second of CPU", second, "logs/s", Aim::AtLeast(500_000.0)));
        for (signal, records, aim) in [("traces", spans, 70.0), ("logs", logs, 45.0)] {
            let bytes = sealed::bytes(&receiver, signal) as f64 / records.max(1) as f64;
            all.push(Measured::new(
                format!("bytes on disk, {signal}, side-cars included"),
                bytes,
                "B/record",
                Aim::AtMost(aim),
            ));
        }
        let [spans, logs] = [format!("--spans={spans}"), format!("--logs={logs}")];
        questions(&print, &hand.with(spans).with(logs).run(&receiver.at_api("queries"))?, &mut all);
        let resident =
            sealed::resident_max(receiver.unit.id().unwrap_or_default()) as f64 / f64::from(1 << 20);
        all.push(Measured::new("most resident, throughout", resident, "MiB", Aim::AtMost(300.0)));
        print.heading("Beside the aims");
        aims::print(&print, &all);
        print.heading("DuckDB over the same files");
        engine::compare(root, &print, &receiver)?;
        print.held()
    })
}

/// Sends so many of each and waits until they are in files. Records for each second of the server's CPU.
fn sending(
    print: &Print,
    receiver: &Receiver,
    hand: &Hand,
    [spans, logs]: [u64; 2],
) -> Result<(f64, Value), Error> {
    let process = receiver.unit.id().unwrap_or_default();
    let hand = hand.clone().with(format!("--spans={spans}")).with(format!("--logs={logs}"));
    let (watch, before) = (Stopwatch::start(), sealed::cpu_seconds(process));
    let sent = hand.run(&receiver.at_grpc())?.first().cloned().unwrap_or_default();
    let (durable, durable_cpu) = (watch.elapsed(), sealed::cpu_seconds(process) - before);
    sealed::wait(receiver)?;
    let cpu = sealed::cpu_seconds(process) - before;
    let pushed: u64 =
        ["traces", "logs"].iter().filter_map(|signal| sent[signal]["pushed_back"].as_u64()).sum();
    let rejected: u64 =
        ["traces", "logs"].iter().filter_map(|signal| sent[signal]["rejected"].as_u64()).sum();
    print.action(&format!(
        "{spans} spans and {logs} logs: durable after {:.1} s ({durable_cpu:.2} s of CPU), in files with {cpu:.2} s of CPU; pushed back {pushed} times",
        durable.as_secs_f64(),
    ));
    print.check(rejected == 0, &format!("{rejected} records were not taken"));
    Ok(((spans + logs) as f64 / cpu.max(0.01), sent))
}

/// How long the questions took, first and warm, and whether the counts are right.
fn questions(print: &Print, lines: &[Value], all: &mut Vec<Measured>) {
    print.heading("Questions: ms the first time, the median, the longest");
    for (line, aim) in lines.iter().zip(ANSWERED_MS) {
        let what = line["what"].as_str().unwrap_or_default();
        let ms = |key: &str| line[key].as_f64().unwrap_or(f64::NAN);
        let matched = line["matched"].as_u64().map_or(String::new(), |matched| format!("  {matched} match"));
        print.action(&format!(
            "{what:<64} {:>8.1} {:>8.1} {:>8.1}{matched}",
            ms("first_ms"),
            ms("median_ms"),
            ms("longest_ms")
        ));
        if let Some(expected) = line["expected"].as_u64() {
            let found = &line["matched"];
            print.check(found.as_u64() == Some(expected), &format!("{found} match, {expected} by the rows"));
        }
        all.push(Measured::new(what, ms("median_ms"), "ms", Aim::AtMost(aim)));
    }
}
