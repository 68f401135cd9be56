//! Which service a request is for, and by which path: a function of its head and of the names that the system has.

use http::uri::{Authority, InvalidUri, PathAndQuery};
use http::{HeaderMap, HeaderName, Method, Uri, header};

use crate::guard::is_loopback;

/// Names the service, whatever `Host` says.
pub(super) const TARGET: HeaderName = HeaderName::from_static("ondol-target");
/// Dapr's name for the same.
const DAPR_APP_ID: HeaderName = HeaderName::from_static("dapr-app-id");
/// Dapr's API: what its SDKs ask of a sidecar.
const DAPR: &str = "/v1.0/";

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Addressed {
    /// A call of a service.
    Service {
        /// Its name.
        name: String,
        /// What the service is asked for.
        path: PathAndQuery,
    },
    /// Is a sidecar there? Dapr's SDKs ask before their first call.
    Health,
    /// What a Dapr SDK may want to know of its sidecar.
    Metadata,
}

/// Why a request is for nobody.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unaddressed {
    /// A tunnel hides what it carries.
    #[error(
        "CONNECT is not served: a tunnel cannot be retried or watched; call http://NAME/… through the proxy instead"
    )]
    Tunnel,
    /// The name is of no service.
    #[error("the system has no service `{0}`")]
    NoSuchService(String),
    /// Neither a header nor the host nor the path names one.
    #[error("no service is named; send `Host: NAME`, the header `ondol-target: NAME`, or call /NAME/…")]
    Unnamed,
    /// It comes from a web page.
    #[error("a web page may not call services through a proxy on this machine; call it from a program")]
    WebPage,
    /// What is left of the path is none.
    #[error("its path cannot be sent on")]
    Path,
}

impl From<InvalidUri> for Unaddressed {
    fn from(_: InvalidUri) -> Self {
        Self::Path
    }
}

/// Finds the service. `is_service` knows the system's names; `anywhere` says that other host names than this machine's
/// may be used, since every client has shown a token.
pub(super) fn address(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    anywhere: bool,
    is_service: impl Fn(&str) -> bool,
) -> Result<Addressed, Unaddressed> {
    if method == Method::CONNECT {
        return Err(Unaddressed::Tunnel);
    }
    let host = host(uri, headers);
    let whole = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    let named = |name: &str, path| {
        let name = name.to_ascii_lowercase();
        if is_service(&name) {
            Ok(Addressed::Service { name, path })
        } else {
            Err(Unaddressed::NoSuchService(name))
        }
    };
    // A page of another origin cannot name a service as its host.
    if let Some(host) = &host
        && is_service(&host.host().to_ascii_lowercase())
    {
        return named(host.host(), whole);
    }
    match &host {
        Some(host) if is_loopback(host) || anywhere => {}
        Some(host) => return Err(Unaddressed::NoSuchService(host.host().to_ascii_lowercase())),
        None => return Err(Unaddressed::Unnamed),
    }
    if !anywhere && is_from_web_page(headers) {
        return Err(Unaddressed::WebPage);
    }
    for name in [TARGET, DAPR_APP_ID] {
        if let Some(target) = headers.get(&name).and_then(|value| value.to_str().ok()) {
            // Dapr's SDKs may name it twice.
            return named(target.trim(), dapr_invocation(&whole)?.map_or(whole, |(_, path)| path));
        }
    }
    if let Some((name, path)) = dapr_invocation(&whole)? {
        return named(&name, path);
    }
    match whole.path() {
        "/v1.0/healthz" | "/v1.0/healthz/outbound" => return Ok(Addressed::Health),
        "/v1.0/metadata" => return Ok(Addressed::Metadata),
        _ => {}
    }
    let (name, path) = first_segment(&whole)?;
    if name.is_empty() { Err(Unaddressed::Unnamed) } else { named(&name, path) }
}

/// The authority asked for: of HTTP/2 or an absolute address, else `Host`.
fn host(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    if let Some(authority) = uri.authority() {
        return Some(authority.clone());
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
    Authority::try_from(host.as_bytes()).ok()
}

/// Browsers say so of what they send for a page, and a page cannot keep them from it.
fn is_from_web_page(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(http::HeaderValue::as_bytes);
    headers.contains_key(header::ORIGIN) || site.is_some_and(|site| site != b"none" && site != b"same-origin")
}

/// `/v1.0/invoke/NAME/method/REST` as name and `/REST`.
fn dapr_invocation(whole: &PathAndQuery) -> Result<Option<(String, PathAndQuery)>, Unaddressed> {
    let Some(rest) = whole.as_str().strip_prefix(DAPR).and_then(|rest| rest.strip_prefix("invoke/")) else {
        return Ok(None);
    };
    let Some((name, rest)) = rest.split_once("/method") else { return Ok(None) };
    let path = match rest.as_bytes().first() {
        Some(b'/') => rest.parse()?,
        None | Some(b'?') => format!("/{rest}").parse()?,
        Some(_) => return Ok(None),
    };
    Ok(Some((name.to_owned(), path)))
}

/// `/NAME/REST` as name and `/REST`, both as they are written.
fn first_segment(whole: &PathAndQuery) -> Result<(String, PathAndQuery), Unaddressed> {
    let text = whole.as_str().trim_start_matches('/');
    let end = text.find(['/', '?']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let path = if rest.starts_with('/') { rest.parse()? } else { format!("/{rest}").parse()? };
    Ok((name.to_owned(), path))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Headers = &'static [(&'static str, &'static str)];

    fn check(line: &str, headers: &[(&'static str, &str)], anywhere: bool) -> String {
        let (method, uri) = line.split_once(' ').expect("a method and an address");
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a header"));
        }
        let known = |name: &str| matches!(name, "payment" | "flight");
        match address(
            &method.parse().expect("a method"),
            &uri.parse().expect("an address"),
            &map,
            anywhere,
            known,
        ) {
            Ok(Addressed::Service { name, path }) => format!("{name} {path}"),
            Ok(Addressed::Health) => "health".to_owned(),
            Ok(Addressed::Metadata) => "metadata".to_owned(),
            Err(why) => format!("{why:?}"),
        }
    }

    #[test]
    fn five_ways_to_name_a_service() {
        const HERE: (&str, &str) = ("host", "127.0.0.1:7071");
        #[rustfmt::skip]
        let table: [(&str, Headers, &str); 30] = [
            ("GET /charges?x=%2F",       &[("host", "payment")],                          "payment /charges?x=%2F"),
            ("GET /charges",             &[("host", "Payment:80")],                       "payment /charges"),
            ("GET /payment/x",           &[("host", "flight")],                           "flight /payment/x"),
            ("GET /v1.0/healthz",        &[("host", "flight")],                           "flight /v1.0/healthz"),
            ("GET http://payment/a?b",   &[HERE],                                         "payment /a?b"),
            ("GET http://payment:99/",   &[("host", "payment:99")],                       "payment /"),
            ("GET http://example.org/",  &[("host", "example.org")],                      "NoSuchService(\"example.org\")"),
            ("GET /a",                   &[HERE, ("ondol-target", "payment")],            "payment /a"),
            ("GET /a",                   &[HERE, ("ondol-target", "hotel")],              "NoSuchService(\"hotel\")"),
            ("GET /a",                   &[("host", "evil.com"), ("ondol-target", "payment")], "NoSuchService(\"evil.com\")"),
            ("GET /a",                   &[HERE, ("dapr-app-id", "payment")],             "payment /a"),
            ("POST /v1.0/invoke/payment/method/a/b?c=d", &[HERE],                         "payment /a/b?c=d"),
            ("POST /v1.0/invoke/payment/method/", &[HERE],                                "payment /"),
            ("POST /v1.0/invoke/payment/method", &[HERE],                                 "payment /"),
            ("POST /v1.0/invoke/payment/method?a", &[HERE],                               "payment /?a"),
            ("POST /v1.0/invoke/payment/method/a", &[HERE, ("dapr-app-id", "payment")],   "payment /a"),
            ("POST /v1.0/invoke/hotel/method/a", &[HERE],                                 "NoSuchService(\"hotel\")"),
            ("GET /v1.0/healthz/outbound", &[HERE],                                       "health"),
            ("GET /v1.0/metadata",       &[HERE],                                         "metadata"),
            ("GET /payment/a%20b?c",     &[HERE],                                         "payment /a%20b?c"),
            ("GET /payment",             &[HERE],                                         "payment /"),
            ("GET /payment?c",           &[HERE],                                         "payment /?c"),
            ("GET /hotel/a",             &[HERE],                                         "NoSuchService(\"hotel\")"),
            ("GET /",                    &[HERE],                                         "Unnamed"),
            ("GET /payment/a",           &[],                                             "Unnamed"),
            ("GET /payment/a",           &[HERE, ("origin", "http://evil.com")],          "WebPage"),
            ("GET /payment/a",           &[HERE, ("sec-fetch-site", "cross-site")],       "WebPage"),
            ("GET /a",                   &[("host", "payment"), ("origin", "http://shop.example")], "payment /a"),
            ("CONNECT payment:443",      &[HERE],                                         "Tunnel"),
            ("OPTIONS *",                &[("host", "payment")],                          "payment *"),
        ];
        for (line, headers, expected) in table {
            assert_eq!(check(line, headers, false), expected, "{line} {headers:?}");
        }
        assert_eq!(check("GET /payment/a", &[("host", "ondol.internal:7071")], true), "payment /a");
    }
}
