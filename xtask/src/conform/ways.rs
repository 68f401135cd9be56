//! Every way to name the service, over HTTP/1.1, and by HTTP/2 with curl.

use super::answer::Answer;
use super::ask::{Ask, Body, Way};
use super::bed::{Bed, Peer};
use super::compare::Tells;
use super::curl;
use super::http::row;
use super::report::Report;
use crate::error::Error;

/// What is asked in every way.
#[rustfmt::skip]
const ASKS: [(Tells, Ask); 7] = [
    (Tells::Json,    Ask::new("GET", "/anything/a%2Fb%20c?d=%7B&e=1&e=2")),
    (Tells::Json,    Ask::new("POST", "/anything/x").headers(&[("x-empty", b""), ("content-type", b"application/json")]).body(Body::Length(b"{\"a\":1}"))),
    (Tells::Nothing, Ask::new("GET", "/status/418")),
    (Tells::Nothing, Ask::new("GET", "/redirect-to?url=%2Fget")),
    (Tells::Lines,   Ask::new("GET", "/stream/5")),
    (Tells::Nothing, Ask::new("GET", "/range/1024").headers(&[("range", b"bytes=0-9")])),
    (Tells::Nothing, Ask::new("DELETE", "/status/204")),
];

/// Compares them.
///
/// # Errors
/// If curl cannot be run.
pub(super) fn run(bed: &Bed, report: &Report) -> Result<(), Error> {
    report.heading("Every way to name a service");
    for way in Way::ALL.into_iter().filter(|way| *way != Way::Host) {
        for (tells, ask) in ASKS {
            let name = format!("{}: {} {}", way.name(), ask.method, ask.target);
            row(report, &name, tells, ask.direct(bed, Peer::Httpbin), ask.through(bed, Peer::Httpbin, way));
        }
    }
    let answered = |target, status| {
        let answer = Ask::new("GET", target).through(bed, Peer::Httpbin, Way::Path);
        answer.is_ok_and(|answer| answer.status == status)
    };
    report.must(answered("/nothing", 404), "/NAME/… with a path that it does not have", "404");
    unnamed(bed, report);
    http2(bed, report)
}

/// Requests for nobody, and the question whether a sidecar is there.
fn unnamed(bed: &Bed, report: &Report) {
    let table = [("/v1.0/healthz/outbound", 204, ""), ("/nobody/x", 404, "httpbin")];
    for (target, status, says) in table {
        // Said to the proxy itself, and so to no service.
        let answer = Ask::new("GET", target).to(bed.proxy());
        let text = |answer: &Answer| String::from_utf8_lossy(&answer.body).into_owned();
        let held = answer.as_ref().is_ok_and(|answer| answer.status == status && text(answer).contains(says));
        let seen = answer.map_or_else(|error| error.to_string(), |answer| answer.seen());
        report.must(held, &format!("the proxy itself: GET {target}"), &seen);
    }
}

/// The client speaks HTTP/2 without TLS, the service HTTP/1.1.
fn http2(bed: &Bed, report: &Report) -> Result<(), Error> {
    if !curl::there() {
        report.skipped("HTTP/2 to a service with HTTP/1.1", curl::MISSING);
        return Ok(());
    }
    for (tells, ask) in ASKS {
        let direct = curl::answer(bed, &ask, "--http1.1", bed.direct(Peer::Httpbin), None)?;
        let name = Some(Peer::Httpbin.name());
        let through = curl::answer(bed, &ask, "--http2-prior-knowledge", bed.proxy(), name)?;
        row(report, &format!("HTTP/2: {} {}", ask.method, ask.target), tells, direct, through);
    }
    Ok(())
}
