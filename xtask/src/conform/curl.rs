//! What curl sees: HTTP/2 without TLS, and `100 Continue` before the body is sent.

use super::answer::Answer;
use super::ask::{Ask, Body};
use super::bed::{Bed, Peer};
use super::report::Report;
use super::script::Script;
use crate::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

/// How to have curl.
pub(super) const MISSING: &str = "curl is missing (install Debian package curl)";

/// How long curl waits for 100 before it sends the body anyway: longer than it is run, so that it never does.
const CONTINUE_WITHIN_S: &str = "60";

/// Seconds that curl is run at most.
const RUN_MAX_S: &str = "20";

/// Of the body that waits for leave.
const BODY_BYTES: usize = 100_000;

/// Is it there?
pub(super) fn there() -> bool {
    let version = Command::new("curl").arg("--version").stdin(Stdio::null()).output();
    version.is_ok_and(|output| output.status.success())
}

/// curl as it is always run: no configuration of the user's, and the path as it is written.
fn curl(bed: &Bed) -> Script<'_> {
    Script::new(bed.directory(), Path::new("curl"))
        .arguments(["--disable", "--silent", "--show-error", "--path-as-is", "--noproxy", "*"])
        .arguments(["--max-time", RUN_MAX_S])
}

/// Asks with curl, speaking as `version` says.
///
/// # Errors
/// If curl cannot be run; within, if there is no answer.
pub(super) fn answer(
    bed: &Bed,
    ask: &Ask,
    version: &str,
    address: SocketAddr,
    host: Option<&str>,
) -> Result<io::Result<Answer>, Error> {
    let mut script = curl(bed).arguments(["--include", version, "--request", ask.method]);
    for (name, value) in ask.headers {
        let value = String::from_utf8_lossy(value);
        // How curl is told to send a header without a value.
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        script = script.arguments(["--header", &header]);
    }
    if let Some(host) = host {
        script = script.arguments(["--header", &format!("host: {host}")]);
    }
    if let Body::Length(body) = ask.body {
        script = script.arguments(["--data-binary", &String::from_utf8_lossy(body)]);
    }
    let (printed, failed) = script.argument(format!("http://{address}{}", ask.target)).output()?;
    Ok(match failed {
        Some(why) => Err(io::Error::other(why)),
        None => Answer::unframed(&printed),
    })
}

/// Compares when the leave to send came.
///
/// # Errors
/// If curl cannot be run.
pub(super) fn run(bed: &Bed, report: &Report) -> Result<(), Error> {
    report.heading("100 Continue, by curl");
    if !there() {
        report.skipped("100 Continue", MISSING);
        return Ok(());
    }
    let (mirror, name) = (bed.direct(Peer::Mirror), Peer::Mirror.name());
    for (what, header) in [("with its length", "x-none;"), ("in chunks", "transfer-encoding: chunked")] {
        let direct = leave(bed, mirror, name, header)?;
        let through = leave(bed, bed.proxy(), name, header)?;
        report.words(&format!("a body {what}"), &direct, &through);
        report.must(through.contains("then"), &format!("a body {what} waits"), &through);
    }
    let refused = leave(bed, bed.proxy(), "nobody", "x-none;")?;
    report.must(refused == "no 100, 404, 0 bytes sent", "a refusal comes before the body", &refused);
    Ok(())
}

/// In which order 100 and the body went, and what came of it.
fn leave(bed: &Bed, address: SocketAddr, host: &str, header: &str) -> Result<String, Error> {
    let body = bed.directory().join("body");
    std::fs::write(&body, vec![b'a'; BODY_BYTES]).map_err(|error| Error::file("write", &body, error))?;
    let trace = bed.directory().join("curl.trace");
    let script = curl(bed)
        .arguments(["--http1.1", "--request", "POST", "--header", "expect: 100-continue"])
        .arguments(["--expect100-timeout", CONTINUE_WITHIN_S, "--header", header])
        .arguments(["--header", &format!("host: {host}"), "--output", "curl.body"])
        .arguments(["--write-out", "%{http_code}, %{size_upload} bytes sent"])
        .argument("--data-binary")
        .argument(format!("@{}", body.display()))
        .argument("--trace-ascii")
        .argument(&trace)
        .argument(format!("http://{address}/"));
    let (said, failed) = script.output()?;
    if let Some(why) = failed {
        return Ok(why);
    }
    let read = std::fs::read(&trace).map_err(|error| Error::file("read", &trace, error))?;
    Ok(format!("{}, {}", order(&String::from_utf8_lossy(&read)), String::from_utf8_lossy(&said)))
}

/// What curl's trace says of the order.
fn order(trace: &str) -> &'static str {
    match (trace.find("HTTP/1.1 100 "), trace.find("=> Send data")) {
        (Some(leave), Some(sent)) if leave < sent => "100, then the body",
        (Some(_), Some(_)) => "100 after the body",
        (Some(_), None) => "100, but no body",
        (None, _) => "no 100",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_trace() {
        let (leave, sent) = ("<= Recv header\n0000: HTTP/1.1 100 Continue\n", "=> Send data, 9 bytes\n");
        let table = [
            ([leave, sent], "100, then the body"),
            ([sent, leave], "100 after the body"),
            ([leave, ""], "100, but no body"),
            ([sent, ""], "no 100"),
        ];
        for (trace, expected) in table {
            assert_eq!(order(&trace.concat()), expected);
        }
    }
}
