//! On bare sockets: which bytes arrive at the service, and what becomes of answers that are odd but allowed.

use super::answer::Answer;
use super::ask::{Ask, Body, Way};
use super::bed::{Bed, Peer};
use super::compare::{self, Tells};
use super::http::row;
use super::report::Report;
use super::tables::{BROKEN, KNOWN, ODD};

/// How often a service breaks off the moment it has begun: whether the head is already on its way is chance.
const AT_ONCE: usize = 20;

/// The trace of a caller that has one.
/// Where the parent begins in a `traceparent`.
const TRACE_ID_END: usize = 36;

const TRACE: &[u8] = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Requests whose bytes at the service are compared.
#[rustfmt::skip]
const ASKS: [(&str, Ask); 15] = [
    ("GET",                           Ask::new("GET", "/")),
    ("a method of its own",           Ask::new("PURGE", "/a")),
    ("percent-encoding is kept",      Ask::new("GET", "/a%2Fb/%7e%7E/%20?c=%7B&d=%2f+e")),
    ("no path is put right",          Ask::new("GET", "/a/../b/./c//d/;e=1?f?g&&h")),
    ("an empty query",                Ask::new("GET", "/a?")),
    ("repeated headers in order",     Ask::new("GET", "/").headers(&[("x", b"2"), ("y", b""), ("x", b"1"), ("X", b"3")])),
    ("obs-text and UTF-8 in values",  Ask::new("GET", "/").headers(&[("x", b"caf\xe9"), ("y", "김".as_bytes())])),
    ("8 KiB in a header",             Ask::new("GET", "/").headers(&[("x", &[b'a'; 8_192])])),
    ("a trace of its own",            Ask::new("GET", "/").headers(&[("traceparent", TRACE), ("tracestate", b"a=1")])),
    ("cookies and credentials",       Ask::new("GET", "/").headers(&[("cookie", b"a=1; b=2"), ("authorization", b"Basic eDp5")])),
    ("encodings are the client's",    Ask::new("GET", "/").headers(&[("accept-encoding", b"br;q=0.5, zstd")])),
    ("forwarded headers are not its", Ask::new("GET", "/").headers(&[("forwarded", b"for=1.2.3.4"), ("x-forwarded-for", b"1.2.3.4")])),
    ("a body with its length",        Ask::new("POST", "/").body(Body::Length(b"\x00\x01\xff"))),
    ("a body in chunks",              Ask::new("POST", "/").body(Body::Chunked(&[b"a", &[b'b'; 100_000], b"c"]))),
    ("a GET with a body",             Ask::new("GET", "/").body(Body::Length(b"abc"))),
];

/// Compares them.
pub(super) fn run(bed: &Bed, report: &Report) {
    report.heading("Bare sockets: what arrives at the service");
    let both = |ask: &Ask| (ask.direct(bed, Peer::Mirror), ask.through(bed, Peer::Mirror, Way::Host));
    for (name, ask) in ASKS {
        let (direct, through) = both(&ask);
        row(report, name, Tells::Arrived, direct, through);
    }
    traces(bed, report);
    report.heading("Bare sockets: odd answers");
    for (name, answer) in ODD {
        let (direct, through) = both(&Ask::new("POST", target(answer)).body(Body::Length(answer)));
        if let (Ok(direct), Ok(through)) = (&direct, &through)
            && let Some(why) = known(name, &compare::answers(Tells::Nothing, direct, through))
        {
            report.known(name, why);
            continue;
        }
        row(report, name, Tells::Nothing, direct, through);
    }
    report.known(
        "103 before the answer",
        "interim answers end at the proxy: its HTTP library can send none but 100 and 101",
    );
    broken(bed, report);
}

/// Whether the mirror closes after this answer: only where it says so. Who closes without a word may do so while the
/// next request is on its way, and nobody can tell what became of that.
fn target(answer: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(answer);
    let closes = text.starts_with("HTTP/1.0") || text.contains("connection: close");
    if closes { "/answer" } else { "/answer-and-stay" }
}

/// Answers that break off are never taken for whole.
fn broken(bed: &Bed, report: &Report) {
    report.heading("Bare sockets: answers that break off");
    for (name, answer) in BROKEN {
        let ask = Ask::new("POST", "/answer-and-wait").body(Body::Length(answer));
        let (direct, through) = (ask.direct(bed, Peer::Mirror), ask.through(bed, Peer::Mirror, Way::Host));
        row(report, name, Tells::Nothing, direct, through);
        let ask = Ask::new("POST", "/answer").body(Body::Length(answer));
        let seen = [(); AT_ONCE].map(|()| ask.through(bed, Peer::Mirror, Way::Host));
        let whole = seen.iter().flatten().filter(|answer| answer.whole && answer.status == 200).count();
        // hyper throws away a head that it has not yet written when the body behind it fails.
        let headless = seen.iter().filter(|seen| seen.is_err()).count();
        let told = format!("{AT_ONCE} times, {whole} taken for whole, {headless} without even a head");
        report.must(whole == 0, &format!("{name}, at once"), &told);
    }
}

/// Why it may differ so, and in nothing else.
fn known(name: &str, differences: &[String]) -> Option<&'static str> {
    let [difference] = differences else { return None };
    KNOWN.iter().find(|(case, what, _)| *case == name && what == difference).map(|(_, _, why)| *why)
}

/// A trace is begun where there is none, and kept where there is one; the parent is then the proxy's own span.
fn traces(bed: &Bed, report: &Report) {
    let arrived = |ask: &Ask| {
        let answer = ask.through(bed, Peer::Mirror, Way::Host);
        answer.map_or_else(|error| vec![error.to_string()], |answer| traceparents(&answer))
    };
    let given = arrived(&Ask::new("GET", "/").headers(&[("traceparent", TRACE)]));
    let given_trace = String::from_utf8_lossy(&TRACE[..TRACE_ID_END]).into_owned();
    let kept = matches!(given.as_slice(), [one] if one.len() == TRACE.len() && one.starts_with(&given_trace));
    report.must(kept, "the trace is kept where there is one", &given.join(", "));
    let fresh = arrived(&Ask::new("GET", "/"));
    let begun = fresh.len() == 1 && fresh[0].len() == TRACE.len();
    report.must(begun, "traceparent is begun where there is none", &fresh.join(", "));
}

/// Those that the mirror got.
fn traceparents(answer: &Answer) -> Vec<String> {
    let text = String::from_utf8_lossy(&answer.body);
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    lines
        .filter(|(name, _)| name.eq_ignore_ascii_case("traceparent"))
        .map(|(_, value)| value.to_owned())
        .collect()
}
