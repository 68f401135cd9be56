use std::time::Duration;

use super::*;
use crate::policy::settings;
use http::{HeaderName, HeaderValue, StatusCode};

/// Lines as `name: value`.
fn headers(lines: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        let value = HeaderValue::from_str(value.trim()).unwrap();
        headers.append(name.parse::<HeaderName>().unwrap(), value);
    }
    headers
}

#[test]
fn which_requests_are_looked_up() {
    let asked = |word| Err(NotLookedUp::Asked(word));
    #[rustfmt::skip]
    let table: [(Method, &[&str], Result<Lookup, NotLookedUp>); 14] = [
        (Method::GET,    &[],                                            Ok(Lookup::Any)),
        (Method::HEAD,   &["accept: text/html"],                         Ok(Lookup::Any)),
        (Method::POST,   &[],                                            Err(NotLookedUp::NotRead)),
        (Method::PUT,    &[],                                            Err(NotLookedUp::NotRead)),
        (Method::GET,    &["authorization: Bearer x"],                   Ok(Lookup::PublicOnly)),
        (Method::GET,    &["cookie: a=b"],                               Ok(Lookup::PublicOnly)),
        (Method::GET,    &["cache-control: max-age=60"],                 Ok(Lookup::Any)),
        (Method::GET,    &["cache-control: x, No-Store"],                asked("no-store")),
        (Method::GET,    &["cache-control: x", "cache-control: no-cache"], asked("no-cache")),
        (Method::GET,    &["cache-control: max-age = 0"],                asked("max-age=0")),
        (Method::GET,    &["pragma: no-cache"],                          asked("no-cache")),
        (Method::GET,    &["pragma: no-cache", "cache-control: x"],      Ok(Lookup::Any)),
        (Method::GET,    &["range: bytes=0-1"],                          Err(NotLookedUp::Conditional)),
        (Method::GET,    &["if-none-match: \"a\""],                      Err(NotLookedUp::Conditional)),
    ];
    for (method, lines, expected) in table {
        assert_eq!(lookup(&method, &headers(lines)), expected, "{method} {lines:?}");
    }
}

#[test]
fn which_answers_are_kept_and_for_how_long() {
    let kept = |secs, public| Ok(Kept { fresh_for: Duration::from_secs(secs), public });
    let status = |code| Err(NotKept::Status(StatusCode::from_u16(code).unwrap()));
    let (stale, varies) = (Err(NotKept::NotFresh), Err(NotKept::Varies));
    #[rustfmt::skip]
    let table: [(u16, &[&str], Result<Kept, NotKept>); 27] = [
        (200, &["cache-control: max-age=60"],                          kept(60, false)),
        (200, &["cache-control: public, max-age=60"],                  kept(60, true)),
        (200, &["Cache-Control: MAX-AGE=\"60\""],                      kept(60, false)),
        (200, &["cache-control: max-age=60, s-maxage=5"],              kept(5, false)),
        (200, &["cache-control: max-age=60", "age: 50"],               kept(10, false)),
        (200, &["cache-control: max-age=60", "age: 60"],               stale),
        (200, &["cache-control: max-age=60", "age: old"],              kept(60, false)),
        (200, &["cache-control: max-age=99999999999999999999"],        kept(3_600, false)),
        (200, &["cache-control: max-age=60, max-age=70"],              stale),
        (200, &["cache-control: max-age=-1"],                          stale),
        (200, &["cache-control: max-age"],                             stale),
        (200, &["cache-control: max-age=0"],                           stale),
        (200, &["cache-control: s-maxage=0, max-age=60"],              stale),
        (200, &[],                                                     stale),
        (200, &["last-modified: Sun, 06 Nov 1994 08:49:37 GMT"],       stale),
        (200, &["cache-control: max-age=60, no-store"],                Err(NotKept::Says("no-store"))),
        (200, &["cache-control: max-age=60, private"],                 Err(NotKept::Says("private"))),
        (200, &["cache-control: max-age=60, no-cache=\"a, b\""],       Err(NotKept::Says("no-cache"))),
        (200, &["cache-control: max-age=60", "vary: Accept-Encoding"], kept(60, false)),
        (200, &["cache-control: max-age=60", "vary: accept-encoding, origin"], varies),
        (200, &["cache-control: max-age=60", "vary: *"],               varies),
        (200, &["cache-control: max-age=60", "set-cookie: a=b"],       Err(NotKept::Cookie)),
        (404, &["cache-control: max-age=60"],                          kept(60, false)),
        (206, &["cache-control: max-age=60"],                          status(206)),
        (302, &["cache-control: max-age=60"],                          status(302)),
        (500, &["cache-control: max-age=60"],                          status(500)),
        (429, &["cache-control: max-age=60"],                          status(429)),
    ];
    let settings = settings::Cache::default();
    for (code, lines, expected) in table {
        let status = StatusCode::from_u16(code).unwrap();
        assert_eq!(keep(&settings, Lookup::Any, status, &headers(lines), 0), expected, "{code} {lines:?}");
    }
}

#[test]
fn credentials_and_long_bodies_need_more() {
    let settings = settings::Cache::default();
    let (plain, public) =
        (headers(&["cache-control: max-age=60"]), headers(&["cache-control: max-age=60, public"]));
    let body_max = 64 * 1024;
    #[rustfmt::skip]
    let table = [
        (Lookup::PublicOnly, &plain,  0,            Err(NotKept::Credentials)),
        (Lookup::PublicOnly, &public, 0,            Ok(true)),
        (Lookup::Any,        &plain,  body_max,     Ok(false)),
        (Lookup::Any,        &plain,  body_max + 1, Err(NotKept::TooLong { body_max })),
    ];
    for (lookup, answer, body_len, expected) in table {
        let got = keep(&settings, lookup, StatusCode::OK, answer, body_len).map(|kept| kept.public);
        assert_eq!(got, expected, "{lookup:?} {body_len}");
    }
}

#[test]
fn which_requests_share_an_answer() {
    let one = ("a", Method::GET, "/x?y=1", "accept-encoding: gzip, br");
    #[rustfmt::skip]
    let table = [
        (("a", Method::GET,  "/x?y=1", "Accept-Encoding: br,GZIP"),  true),
        (("a", Method::GET,  "/x?y=1", "accept-encoding: gzip"),     false),
        (("a", Method::GET,  "/x?y=2", "accept-encoding: gzip, br"), false),
        (("a", Method::HEAD, "/x?y=1", "accept-encoding: gzip, br"), false),
        (("b", Method::GET,  "/x?y=1", "accept-encoding: gzip, br"), false),
    ];
    let key = |(service, method, path, line): (&str, Method, &str, &str)| {
        super::key(service, &method, path, &headers(&[line]))
    };
    for (other, same) in table {
        assert_eq!(key(one.clone()) == key(other.clone()), same, "{other:?}");
    }
}
