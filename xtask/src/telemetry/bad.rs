//! Input that nobody should send: each is refused in clear words or counted, and what is right beside it is kept.

use super::body::{Said, attribute, log, logs, post, post_json, span, traces};
use super::{Programs, sagas::Bed, seen::Seen};
use crate::clock::wall_ns;
use crate::error::Error;
use crate::print::Print;
use crate::receiver::Receiver;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

const TRACES: &str = "/v1/traces";
const LOGS: &str = "/v1/logs";
const PROTOBUF: &str = "application/x-protobuf";
const HOUR_NS: u64 = 3_600_000_000_000;

/// Spans of the large trace, and how many of them are in one export: an export in JSON is bounded at 16 MiB.
const LARGE: u64 = 50_000;
const EACH: u64 = 10_000;

/// The most that the server may have resident through all of it, in MiB: the aim of the issue.
const RESIDENT_MAX: u64 = 300;

/// Sends it all.
///
/// # Errors
/// If the server cannot be run, or does not answer.
pub(super) fn run(print: &Print, programs: &Programs, directory: &Path) -> Result<(), Error> {
    let bed = Bed::start(programs, directory)?;
    print.heading("Input that nobody should send");
    bed.meanwhile(print, "bad input", |receiver| {
        let mut seen = Seen::of(receiver);
        no_otlp(print, receiver)?;
        bombs(print, receiver)?;
        attributes(print, receiver, &mut seen)?;
        clocks(print, receiver, &mut seen)?;
        large_trace(print, receiver, &mut seen)?;
        let before = seen.logs("service:fine")?;
        let fine = post_json(receiver.http, LOGS, &logs("fine", &[log(wall_ns(), "all is well", &[])]))?;
        let after = seen.logs("service:fine")?;
        print.check(
            fine.status == 200 && after == before + 1,
            &format!("what is right is kept after it: {}", fine.status),
        );
        Ok(())
    })?;
    let resident = resident_max_mib(bed.receiver.unit.id().unwrap_or_default());
    print
        .check(resident <= RESIDENT_MAX, &format!("{resident} MiB were resident at most, of {RESIDENT_MAX}"));
    Ok(())
}

/// Refused with this status, and with words.
fn refused(print: &Print, what: &str, statuses: &[u16], said: &Said) {
    let held = statuses.contains(&said.status) && !said.body.is_empty();
    print.check(held, &format!("{what}: {}", said.short()));
}

fn no_otlp(print: &Print, receiver: &Receiver) -> Result<(), Error> {
    // A log record whose body is a text of three bytes that are no UTF-8: fields 1, 2, 2, 5, 1 around it.
    let text = [0x0a, 3, 0xff, 0xfe, 0xfd];
    let mut message = text.to_vec();
    for tag in [0x2a, 0x12, 0x12, 0x0a] {
        message = [vec![tag, message.len() as u8], message].concat();
    }
    for (what, path, kind, bytes, statuses) in [
        ("invalid UTF-8", LOGS, PROTOBUF, message.as_slice(), &[400_u16, 200][..]),
        ("bytes that are no protobuf", TRACES, PROTOBUF, &[0xff; 64][..], &[400][..]),
        ("JSON that ends in the middle", TRACES, "application/json", br#"{"resourceSpans":[{"#, &[400]),
        ("text", LOGS, "text/plain", b"hello", &[415]),
        ("gzip that is none", LOGS, PROTOBUF, b"", &[200, 400]),
    ] {
        let encoding = if what.starts_with("gzip") { "gzip" } else { "" };
        let bytes = if encoding.is_empty() { bytes } else { b"not gzip" };
        refused(
            print,
            what,
            if encoding.is_empty() { statuses } else { &[400] },
            &post(receiver.http, path, kind, encoding, bytes)?,
        );
    }
    Ok(())
}

/// A gibibyte of zeros, packed.
fn bombs(print: &Print, receiver: &Receiver) -> Result<(), Error> {
    for (encoding, program) in [("gzip", "gzip -1"), ("zstd", "zstd -q -1")] {
        let pipe = format!("head -c 1073741824 /dev/zero | {program}");
        let packed =
            Command::new("sh").args(["-c", &pipe]).stdin(Stdio::null()).stderr(Stdio::null()).output();
        let packed = packed.map_err(|error| Error::program("sh", error.to_string()))?.stdout;
        if packed.len() < 1_000 {
            return Err(Error::Skipped(format!("the {encoding} bomb: there is no program {encoding}")));
        }
        let said = post(receiver.http, LOGS, PROTOBUF, encoding, &packed)?;
        refused(print, &format!("1 GiB in {} KiB of {encoding}", packed.len() >> 10), &[400, 413], &said);
    }
    Ok(())
}

fn attributes(print: &Print, receiver: &Receiver, seen: &mut Seen) -> Result<(), Error> {
    let now = wall_ns();
    let many: Vec<Value> = (0..10_000).map(|number| attribute(&format!("key.{number}"), "value")).collect();
    let large: Vec<Value> =
        (0..4).map(|number| attribute(&format!("large.{number}"), &"x".repeat(1 << 20))).collect();
    for (service, attributes) in [("many-attributes", many), ("large-attributes", large)] {
        let said = post_json(receiver.http, LOGS, &logs(service, &[log(now, "a bomb", &attributes)]))?;
        let kept = seen.newest_logs(&format!("service:{service}"))?;
        let bytes = kept.first().map_or(0, |log| log.to_string().len());
        let (count, held) = (kept.len(), said.status == 200 && bytes < 1 << 20);
        print.check(
            held && count == 1,
            &format!("{service}: {} and kept as {} KiB", said.status, bytes >> 10),
        );
    }
    Ok(())
}

/// Clocks that are wrong, and records that are late.
fn clocks(print: &Print, receiver: &Receiver, seen: &mut Seen) -> Result<(), Error> {
    let now = wall_ns();
    for (service, time_ns, kept) in [
        ("hours-late", now - 5 * HOUR_NS, true),
        ("yesterday", now - 30 * HOUR_NS, true),
        ("years-old", now - 20_000 * HOUR_NS, false),
        ("next-day", now + 24 * HOUR_NS, false),
        ("minutes-ahead", now + HOUR_NS / 4, true),
    ] {
        let trace = format!("{time_ns:032x}");
        let body = traces(service, &[span(&trace, 1, None, time_ns, &[])]);
        let said = post_json(receiver.http, TRACES, &body)?;
        let found = seen.trace(&trace)?.len();
        let rejected = seen.ledger(Some(service), "rejected")?;
        let right = if kept {
            found == 1 && rejected == 0
        } else {
            found == 0 && rejected == 1 && said.body.contains("rejectedSpans")
        };
        print.check(
            said.status == 200 && right,
            &format!("{service}: {found} kept, {rejected} rejected; {}", said.short()),
        );
    }
    Ok(())
}

fn large_trace(print: &Print, receiver: &Receiver, seen: &mut Seen) -> Result<(), Error> {
    let (now, trace) = (wall_ns() - HOUR_NS, "00000000000000000000000000050000");
    let mut statuses = Vec::new();
    for first in (1..=LARGE).step_by(EACH as usize) {
        let parent = |id| if id == 1 { None } else { Some(id / 2) };
        let spans: Vec<Value> =
            (first..first + EACH).map(|id| span(trace, id, parent(id), now + id * 1_000, &[])).collect();
        statuses.push(post_json(receiver.http, TRACES, &traces("large-trace", &spans))?.status);
    }
    let kept = seen.ledger(Some("large-trace"), "stored")?;
    let shown = match seen.trace(trace) {
        Ok(spans) => format!("{} spans", spans.len()),
        Err(error) => error.to_string().chars().take(200).collect(),
    };
    let clear = shown == format!("{LARGE} spans") || shown.contains("spans");
    let all = statuses.iter().all(|status| *status == 200);
    print.check(
        all && kept == LARGE && clear,
        &format!("a trace of {LARGE} spans: {kept} kept; asked for, it is: {shown}"),
    );
    Ok(())
}

/// The most that was ever resident, in MiB.
fn resident_max_mib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("");
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) >> 10
}
