//! httpbin, asked directly and through the proxy.

use super::answer::Answer;
use super::ask::{Ask, Body, Way};
use super::bed::{Bed, Peer};
use super::compare::{self, Tells};
use super::report::Report;
use super::tables::{self, Case, STATUSES};
use crate::error::Error;
use std::fs::File;
use std::io;

/// Bytes of a header's value that are shown in a case's name.
const VALUE_MAX: usize = 16;

/// Compares them.
///
/// # Errors
/// If a helper cannot be run.
pub(super) fn run(bed: &Bed, report: &Report) -> Result<(), Error> {
    report.heading("httpbin: direct, and through the proxy by Host");
    for case in tables::cases() {
        let packed = case.packed;
        let mut answers =
            [case.ask.direct(bed, Peer::Httpbin), case.ask.through(bed, Peer::Httpbin, Way::Host)];
        if let Some(encoding) = packed {
            for answer in answers.iter_mut().flatten() {
                answer.body = unpacked(bed, encoding, &answer.body)?;
            }
        }
        let [direct, through] = answers;
        row(report, &name(&case), case.tells, direct, through);
    }
    for method in ["GET", "POST"] {
        for status in STATUSES {
            let target = format!("/status/{status}");
            compare(bed, report, &Ask::new(method, &target), Tells::Nothing);
        }
    }
    Ok(())
}

fn compare(bed: &Bed, report: &Report, ask: &Ask, tells: Tells) {
    let (direct, through) = (ask.direct(bed, Peer::Httpbin), ask.through(bed, Peer::Httpbin, Way::Host));
    row(report, &format!("{} {}", ask.method, ask.target), tells, direct, through);
}

/// A case of which both have an answer, or not.
pub(super) fn row(
    report: &Report,
    name: &str,
    tells: Tells,
    direct: io::Result<Answer>,
    through: io::Result<Answer>,
) {
    match (direct, through) {
        (Ok(direct), Ok(through)) => {
            report.row(name, &direct.seen(), &compare::answers(tells, &direct, &through));
        }
        (direct, through) => {
            let said = |answer: io::Result<Answer>| {
                answer.map_or_else(|error| format!("no answer: {error}"), |answer| answer.seen())
            };
            // Without an answer to compare with nothing is shown, even if both have none.
            let differences = [format!("direct:  {}", said(direct)), format!("through: {}", said(through))];
            report.row(name, "", &differences);
        }
    }
}

/// What is asked, shortly.
fn name(case: &Case) -> String {
    let Ask { method, target, headers, body } = case.ask;
    let body = match body {
        Body::None => String::new(),
        Body::Length(body) => format!(" {} bytes", body.len()),
        Body::Chunked(chunks) => format!(" {} chunks", chunks.len()),
    };
    let own = headers.iter().filter(|(name, _)| *name != "content-type");
    let own: Vec<String> = own
        .map(|(name, value)| match std::str::from_utf8(value) {
            Ok(value) if value.len() <= VALUE_MAX => format!("{name}: {value}"),
            _ => (*name).to_owned(),
        })
        .collect();
    let headers = if own.is_empty() { String::new() } else { format!(" ({})", own.join(", ")) };
    format!("{method} {target}{body}{headers}")
}

fn unpacked(bed: &Bed, encoding: &str, body: &[u8]) -> Result<Vec<u8>, Error> {
    let path = bed.directory().join("packed");
    let failed = |error| Error::file("write", &path, error);
    std::fs::write(&path, body).map_err(failed)?;
    let script = bed.python("unpack.py").argument(encoding).input(File::open(&path).map_err(failed)?);
    let (unpacked, why) = script.output()?;
    // What cannot be unpacked is compared as it is.
    Ok(if why.is_some() { body.to_vec() } else { unpacked })
}
