//! Addresses in the file: origins of services and webhooks.

use std::fmt;

use crate::finding::{Code, Fault, quoted};

/// Where notices go: an http or https URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Scheme, host and port: `https://hooks.example:8443`.
    pub origin: Origin,
    /// The path with its query, beginning with `/`.
    pub path_and_query: String,
}

/// Scheme, host and port, as written: what a connection is opened to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// As written, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads `http://host:port`.
    pub(crate) fn parse(url: &str) -> Result<Self, Fault> {
        let (origin, rest) = split(url)?;
        if !matches!(rest, "" | "/") {
            let fix = "give scheme, host and port only; the path belongs into the call";
            return Err(bad(url, "has more than an address in it", fix));
        }
        Ok(origin)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Webhook {
    /// Reads `http://host:port/path?query`.
    pub(crate) fn parse(url: &str) -> Result<Self, Fault> {
        let (origin, rest) = split(url)?;
        let visible = |b: u8| b.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&b);
        if !rest.bytes().all(visible) {
            return Err(bad(url, "has characters that a URL cannot have", "percent-encode them (RFC 3986)"));
        }
        let path_and_query = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
        Ok(Self { origin, path_and_query })
    }
}

impl fmt::Display for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path_and_query)
    }
}

fn bad(url: &str, what: &str, fix: &str) -> Fault {
    Fault::new(Code::BadUrl, format!("the address {} {what}", quoted(url)), fix)
}

/// Origin and everything behind it.
fn split(url: &str) -> Result<(Origin, &str), Fault> {
    let schemes = ["http://", "https://"];
    let Some(rest) = schemes.iter().find_map(|scheme| url.strip_prefix(scheme)) else {
        return Err(bad(
            url,
            "begins with neither http:// nor https://",
            "write it like http://127.0.0.1:7101",
        ));
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    if authority.contains('@') {
        return Err(bad(url, "has a user in it", "put credentials into a header, from a secret"));
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        Some(_) | None => (authority, None),
    };
    if !host_is_valid(host) {
        return Err(bad(url, "has no host that can be called", "write it like http://127.0.0.1:7101"));
    }
    let port_is_valid = |port: &str| {
        port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    if port.is_some_and(|port| !port_is_valid(port)) {
        return Err(bad(url, "has a port that is not 1 to 65535", "write it like http://127.0.0.1:7101"));
    }
    let origin = url.get(..url.len() - behind.len()).unwrap_or(url);
    Ok((Origin(origin.to_owned()), behind))
}

/// RFC 1035 §2.3.4 allows 255 octets on the wire, which is 253 characters of text.
const HOST_BYTES_MAX: usize = 253;

fn host_is_valid(host: &str) -> bool {
    if let Some(inside) = host.strip_prefix('[') {
        let address = inside.strip_suffix(']').map(str::parse::<std::net::Ipv6Addr>);
        return matches!(address, Some(Ok(_)));
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= HOST_BYTES_MAX && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_scheme_host_and_port() {
        let check = |url: &str, fine: bool| assert_eq!(Origin::parse(url).is_ok(), fine, "{url}");
        for url in ["http://127.0.0.1:7101", "https://pay.example", "http://[::1]:80/", "http://my_service:1"]
        {
            check(url, true);
        }
        let wrong = [
            "",
            "127.0.0.1:7101",
            "ftp://a",
            "http://",
            "http://:80",
            "http://a:0",
            "http://a:65536",
            "http://a:+1",
            "http://a/b",
            "http://a?b",
            "http://u:p@a",
            "http://a b",
            "http://[::1",
            "http://[zz]",
            "http://-a",
            "http://a..b",
            "http://é",
            "http://a:",
        ];
        for url in wrong {
            check(url, false);
        }
    }

    #[test]
    fn webhooks_have_a_path() {
        let check = |url: &str, path: Option<&str>| {
            assert_eq!(Webhook::parse(url).ok().map(|hook| hook.path_and_query).as_deref(), path, "{url}");
        };
        check("http://127.0.0.1:7105/outcomes?a=b", Some("/outcomes?a=b"));
        check("https://a", Some("/"));
        check("https://a?b", Some("/?b"));
        check("https://a/b c", None);
        check("https://a/b#c", None);
    }
}
