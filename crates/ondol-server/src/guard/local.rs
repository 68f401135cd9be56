//! What is asked of a request where there is no token: it must be from this machine, and meant for it.

use std::net::IpAddr;

use http::uri::Authority;
use http::{Request, header};

use crate::problem::{Answer, Code, Problem};

/// Refuses another host name (DNS rebinding) and web pages of another origin.
pub(super) fn check<B>(request: &Request<B>) -> Answer<()> {
    let host = host(request);
    let Some(host) = host.filter(is_loopback) else {
        let detail = "without a token only this machine is served; call 127.0.0.1, [::1] or localhost";
        return Err(Problem::new(Code::HostRefused, detail));
    };
    let Some(origin) = request.headers().get(header::ORIGIN) else { return Ok(()) };
    let same = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.strip_prefix("http://"))
        .is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_str()));
    if same {
        return Ok(());
    }
    let detail = format!("the page {} is not of this server", String::from_utf8_lossy(origin.as_bytes()));
    Err(Problem::new(Code::OriginRefused, detail))
}

/// The authority asked for: `:authority` of HTTP/2 or an absolute address, else `Host`.
fn host<B>(request: &Request<B>) -> Option<Authority> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.clone());
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
    host.to_str().ok()?.parse().ok()
}

/// Is it a name of this machine?
pub(crate) fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let address = || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    host.eq_ignore_ascii_case("localhost") || address()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn only_this_machine_and_its_own_pages() {
        #[rustfmt::skip]
        let table = [
            ("127.0.0.1:7070",       None,                            None),
            ("127.1.2.3",            None,                            None),
            ("localhost:7070",       None,                            None),
            ("LOCALHOST",            None,                            None),
            ("[::1]:7070",           None,                            None),
            ("localhost:7070",       Some("http://localhost:7070"),   None),
            ("localhost:7070",       Some("http://localhost:5173"),   Some(Code::OriginRefused)),
            ("localhost:7070",       Some("https://localhost:7070"),  Some(Code::OriginRefused)),
            ("localhost:7070",       Some("null"),                    Some(Code::OriginRefused)),
            ("localhost:7070",       Some("https://evil.example"),    Some(Code::OriginRefused)),
            ("evil.example",         None,                            Some(Code::HostRefused)),
            ("localhost.evil.com",   None,                            Some(Code::HostRefused)),
            ("10.0.0.1:7070",        None,                            Some(Code::HostRefused)),
            ("0.0.0.0",              None,                            Some(Code::HostRefused)),
            ("",                     None,                            Some(Code::HostRefused)),
        ];
        for (host, origin, expected) in table {
            let mut request = Request::builder().uri("/v1/sagas").header("host", host);
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let request = request.body(Body::empty()).expect("a request");
            assert_eq!(check(&request).err().map(|problem| problem.code()), expected, "{host} {origin:?}");
        }
    }
}
