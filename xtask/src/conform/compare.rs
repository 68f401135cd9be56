//! What must be the same of two answers, one direct and one through the proxy. Pure, so that the rules are a table.

use super::answer::{self, Answer, Headers};
use serde_json::Value;
use std::io;

/// Headers of an answer that are between two ends of one connection, or tell the time (RFC 9110 §7.6.1, §6.6.1).
const NOT_COMPARED: [&str; 5] = ["connection", "date", "keep-alive", "proxy-connection", "transfer-encoding"];

/// Headers of a request that the proxy may add, or that only the way through it has: the trace, the time that is left, and
/// the name that Dapr's SDKs give a service.
const ADDED: [&str; 3] = ["traceparent", "ondol-deadline-ms", "dapr-app-id"];

/// What the body of an answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tells {
    /// Nothing of the request: it must be the same, byte for byte.
    Nothing,
    /// The request, as httpbin writes it: a value of JSON.
    Json,
    /// The same, a value a line.
    Lines,
    /// The request as the bytes that arrived: a head, then its body.
    Arrived,
}

/// What differs, in words; empty if nothing does.
pub(super) fn answers(tells: Tells, direct: &Answer, through: &Answer) -> Vec<String> {
    let mut found = Vec::new();
    if direct.status != through.status {
        found.push(format!("status: direct {}, through {}", direct.status, through.status));
    }
    if direct.whole != through.whole {
        found.push(format!("ends as it says: direct {}, through {}", direct.whole, through.whole));
    }
    // The length of what tells the request follows from what it tells.
    let length = ["content-length"];
    let also = if tells == Tells::Nothing { &[] } else { length.as_slice() };
    let but = [NOT_COMPARED.as_slice(), also].concat();
    found.extend(headers("header", &direct.headers, &through.headers, &but));
    found.extend(headers("trailer", &direct.trailers, &through.trailers, &[]));
    found.extend(bodies(tells, &direct.body, &through.body));
    found
}

/// Headers without those in `but`.
fn headers(what: &str, direct: &Headers, through: &Headers, but: &[&str]) -> Vec<String> {
    let names = direct.keys().chain(through.keys().filter(|name| !direct.contains_key(*name)));
    let compared = names.filter(|name| !but.contains(&name.as_str()));
    let differ = compared.filter(|name| direct.get(*name) != through.get(*name));
    differ
        .map(|name| {
            format!("{what} {name}: direct {}, through {}", shown(direct.get(name)), shown(through.get(name)))
        })
        .collect()
}

fn shown(values: Option<&Vec<Vec<u8>>>) -> String {
    let text = |value: &Vec<u8>| format!("{:?}", String::from_utf8_lossy(value));
    values
        .map_or_else(|| "none".to_owned(), |values| values.iter().map(text).collect::<Vec<_>>().join(" and "))
}

fn bodies(tells: Tells, direct: &[u8], through: &[u8]) -> Vec<String> {
    match tells {
        Tells::Nothing if direct == through => Vec::new(),
        Tells::Nothing => {
            let same = direct.iter().zip(through).take_while(|(one, other)| one == other).count();
            let (direct, through) = (direct.len(), through.len());
            vec![format!("body: direct {direct} bytes, through {through}; they differ from byte {same}")]
        }
        Tells::Json => told(std::iter::once(direct), std::iter::once(through)),
        Tells::Lines => told(direct.split(|byte| *byte == b'\n'), through.split(|byte| *byte == b'\n')),
        Tells::Arrived => arrived(direct, through).unwrap_or_else(|error| vec![format!("body: {error}")]),
    }
}

fn told<'a>(direct: impl Iterator<Item = &'a [u8]>, through: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let (direct, through): (Vec<_>, Vec<_>) = (direct.map(request).collect(), through.map(request).collect());
    if direct == through { Vec::new() } else { vec![format!("body: direct {direct:?}, through {through:?}")] }
}

/// What httpbin says of a request, without what may be added to it.
fn request(text: &[u8]) -> Value {
    let mut told: Value =
        serde_json::from_slice(text).unwrap_or_else(|_| String::from_utf8_lossy(text).into());
    if let Some(headers) = told.get_mut("headers").and_then(Value::as_object_mut) {
        headers.retain(|name, _| !passing(&name.to_ascii_lowercase()));
    }
    told
}

fn passing(name: &str) -> bool {
    ADDED.contains(&name) || NOT_COMPARED.contains(&name)
}

fn arrived(mut direct: &[u8], mut through: &[u8]) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let lines = (answer::line(&mut direct)?, answer::line(&mut through)?);
    if lines.0 != lines.1 {
        let text = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
        found.push(format!("request line: direct {:?}, through {:?}", text(&lines.0), text(&lines.1)));
    }
    let heads = (answer::headers(&mut direct)?, answer::headers(&mut through)?);
    let but = [NOT_COMPARED.as_slice(), ADDED.as_slice()].concat();
    found.extend(headers("request header", &heads.0, &heads.1, &but));
    found.extend(bodies(Tells::Nothing, direct, through));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(head: &str, body: &str) -> Answer {
        let wire = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        Answer::read(&mut wire.as_bytes(), "GET").expect("a head")
    }

    fn check(tells: Tells, direct: (&str, &str), through: (&str, &str), expected: &[&str]) {
        let found = answers(tells, &answer(direct.0, direct.1), &answer(through.0, through.1));
        assert_eq!(found, expected, "{direct:?} {through:?}");
    }

    #[test]
    fn only_what_a_proxy_may_change_may_differ() {
        use Tells::{Arrived, Json, Nothing};
        check(Nothing, ("200 OK", "a"), ("200 Fine\r\ndate: now\r\nkeep-alive: 5", "a"), &[]);
        check(Nothing, ("200 OK\r\nA: 1\r\nb: 2", "a"), ("200 OK\r\nb: 2\r\na: 1", "a"), &[]);
        check(
            Nothing,
            ("200 OK\r\na: 1\r\na: 2", ""),
            ("200 OK\r\na: 2\r\na: 1", ""),
            &["header a: direct \"1\" and \"2\", through \"2\" and \"1\""],
        );
        check(
            Nothing,
            ("200 OK", "ab"),
            ("204 OK\r\nvia: x", "ac"),
            &[
                "status: direct 200, through 204",
                "header via: direct none, through \"x\"",
                "body: direct 2 bytes, through 0; they differ from byte 0",
            ],
        );
        let told = (r#"{"headers":{"A":"1"}}"#, r#"{"headers":{"Traceparent":"x","A":"1"}}"#);
        check(Json, ("200 OK", told.0), ("200 OK", told.1), &[]);
        check(
            Arrived,
            ("200 OK", "GET /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\nb"),
            ("200 OK", "GET /a HTTP/1.1\r\nHost: x\r\nondol-deadline-ms: 9\r\n\r\nb"),
            &[],
        );
        check(
            Arrived,
            ("200 OK", "GET /%61 HTTP/1.1\r\nx: 1\r\n\r\n"),
            ("200 OK", "GET /a HTTP/1.1\r\n\r\n"),
            &[
                "request line: direct \"GET /%61 HTTP/1.1\", through \"GET /a HTTP/1.1\"",
                "request header x: direct \"1\", through none",
            ],
        );
    }
}
