//! Headers that belong to one connection and not to the message (RFC 9110 §7.6.1).

use http::{HeaderMap, HeaderName, HeaderValue, header};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// What a proxy takes off, whether `Connection` names it or not.
const ALWAYS: [HeaderName; 6] = [
    KEEP_ALIVE,
    PROXY_CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Takes them off. `TE: trailers` stays: gRPC asks for it end to end.
pub(super) fn strip(headers: &mut HeaderMap) {
    if headers.contains_key(header::CONNECTION) {
        let named: Vec<HeaderName> = headers
            .get_all(header::CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|name| name.trim().parse().ok())
            .collect();
        for name in named {
            // `Connection: te` is how HTTP/1.1 asks for trailers.
            if name != header::TE {
                headers.remove(name);
            }
        }
        headers.remove(header::CONNECTION);
    }
    for name in ALWAYS {
        headers.remove(name);
    }
    if let Some(te) = headers.get(header::TE) {
        let trailers =
            te.to_str().is_ok_and(|te| te.split(',').any(|one| one.trim().eq_ignore_ascii_case("trailers")));
        if trailers {
            headers.insert(header::TE, HeaderValue::from_static("trailers"));
        } else {
            headers.remove(header::TE);
        }
    }
}

/// Joins what HTTP/2 may bring in crumbs: beyond it a cookie must be one header (RFC 9113 §8.2.3).
pub(super) fn join_cookies(headers: &mut HeaderMap) {
    let crumbs: Vec<&[u8]> = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if crumbs.len() < 2 {
        return;
    }
    // Joined values are a value: each of their bytes is one of a value, and so are the separator's.
    if let Ok(mut cookie) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..])) {
        cookie.set_sensitive(true);
        headers.insert(header::COOKIE, cookie);
    }
}

/// Whether the client asks to speak something else than HTTP from here on, such as WebSocket (RFC 6455 §4.1).
pub(super) fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let wanted = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case("upgrade"));
    // HTTP/2 without TLS is offered so, too; whoever is offered something may go on as before.
    headers.get(header::UPGRADE).filter(|to| wanted && !to.as_bytes().eq_ignore_ascii_case(b"h2c")).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = &'static [(&'static str, &'static str)];

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn crumbs_of_a_cookie_become_one() {
        let table: [(Pairs, Pairs); 3] = [
            (&[("a", "1")], &[("a", "1")]),
            (&[("cookie", "a=b")], &[("cookie", "a=b")]),
            (&[("cookie", "a=b"), ("cookie", "c=d"), ("cookie", "e=f")], &[("cookie", "a=b; c=d; e=f")]),
        ];
        for (given, expected) in table {
            let mut joined = headers(given);
            join_cookies(&mut joined);
            assert_eq!(joined, headers(expected), "{given:?}");
        }
    }

    #[test]
    fn what_is_between_two_ends_stays_there() {
        #[rustfmt::skip]
        let table: [(Pairs, Pairs); 5] = [
            (&[("a", "1"), ("a", "2")],                               &[("a", "1"), ("a", "2")]),
            (&[("connection", "close, X-One"), ("x-one", "1")],       &[]),
            (&[("connection", "TE"), ("te", "gzip, Trailers;q=1, trailers")], &[("te", "trailers")]),
            (&[("te", "gzip"), ("trailer", "x")],                     &[("trailer", "x")]),
            (&[("keep-alive", "5"), ("proxy-authorization", "x"), ("transfer-encoding", "chunked"), ("upgrade", "h2c"), ("b", "")], &[("b", "")]),
        ];
        for (given, expected) in table {
            let mut stripped = headers(given);
            strip(&mut stripped);
            assert_eq!(stripped, headers(expected), "{given:?}");
        }
    }

    #[test]
    fn an_upgrade_is_asked_for_by_two_headers() {
        #[rustfmt::skip]
        let table: [(Pairs, Option<&str>); 4] = [
            (&[("connection", "keep-alive, Upgrade"), ("upgrade", "websocket")], Some("websocket")),
            (&[("upgrade", "websocket")],                                        None),
            (&[("connection", "upgrade")],                                       None),
            (&[("connection", "Upgrade, HTTP2-Settings"), ("upgrade", "h2c")],   None),
        ];
        for (given, expected) in table {
            assert_eq!(upgrade(&headers(given)), expected.map(HeaderValue::from_static), "{given:?}");
        }
    }
}
