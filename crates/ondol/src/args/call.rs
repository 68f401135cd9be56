//! `ondol call`

use std::io::Read as _;
use std::str::FromStr;

use clap::Args;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Method};

use super::Remote;

/// Largest body taken, in bytes: what a person sends by hand. The proxy itself has no such bound.
const DATA_BYTES_MAX: u64 = 16 << 20;

/// Headers that follow from the other arguments, or belong to the connection.
const OWN_HEADERS: [&str; 7] =
    ["ondol-target", "ondol-explain", "host", "content-length", "transfer-encoding", "connection", "upgrade"];

/// `ondol call`
#[derive(Args)]
#[command(
    after_help = "Without METHOD and PATH, --explain asks the server what is known of the service now.\n\
                        With --json a call prints {status, headers, fallback, decisions, body}."
)]
pub(crate) struct Call {
    /// The service, as it is called in the system file
    pub(crate) service: String,
    /// GET, POST, …
    #[arg(required_unless_present = "explain", requires = "path", value_parser = parse_method)]
    pub(crate) method: Option<Method>,
    /// What the service is asked for, with a query where it has one: /charges?limit=3
    #[arg(required_unless_present = "explain", value_parser = parse_path)]
    pub(crate) path: Option<PathAndQuery>,
    /// The body: text, @file, or - for standard input; JSON where no content-type is given
    #[arg(long, short, value_name = "BODY", requires = "method")]
    pub(crate) data: Option<Data>,
    /// A header to send; may be given several times
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", requires = "method")]
    pub(crate) headers: Vec<Header>,
    /// The proxy's address
    #[arg(long, env = "ONDOL_PROXY_URL", default_value = "http://127.0.0.1:7071", value_name = "URL")]
    pub(crate) proxy: String,
    /// Say why the call went as it did, decision by decision
    #[arg(long)]
    pub(crate) explain: bool,
    /// Say the headers of the answer, too
    #[arg(long, short, requires = "method")]
    pub(crate) include: bool,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

/// A body.
#[derive(Clone, Debug)]
pub(crate) struct Data(pub(crate) Vec<u8>);

impl FromStr for Data {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let mut bytes = Vec::new();
        let (name, read) = match given.strip_prefix('@') {
            _ if given == "-" => {
                ("standard input", std::io::stdin().take(DATA_BYTES_MAX + 1).read_to_end(&mut bytes))
            }
            Some(path) => {
                let file = std::fs::File::open(path);
                (path, file.and_then(|file| file.take(DATA_BYTES_MAX + 1).read_to_end(&mut bytes)))
            }
            None => return Ok(Self(given.as_bytes().to_vec())),
        };
        match read {
            Err(error) => Err(format!("cannot read {name}: {error}")),
            Ok(length) if length as u64 > DATA_BYTES_MAX => {
                Err(format!("{name} is longer than {DATA_BYTES_MAX} bytes"))
            }
            Ok(_) => Ok(Self(bytes)),
        }
    }
}

/// A header.
#[derive(Clone, Debug)]
pub(crate) struct Header(pub(crate) HeaderName, pub(crate) HeaderValue);

impl FromStr for Header {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let (name, value) = given
            .split_once(':')
            .ok_or_else(|| format!("{given:?} is no header; write it like 'accept: application/json'"))?;
        let name: HeaderName =
            name.trim().parse().map_err(|_| format!("{:?} is no name of a header", name.trim()))?;
        if OWN_HEADERS.contains(&name.as_str()) {
            return Err(format!("{name} is set by this command; leave it out"));
        }
        let value = HeaderValue::from_str(value.trim())
            .map_err(|_| format!("the value of {name} has characters that cannot stand in a header"))?;
        Ok(Self(name, value))
    }
}

fn parse_method(text: &str) -> Result<Method, String> {
    match Method::from_bytes(text.to_ascii_uppercase().as_bytes()) {
        Ok(Method::CONNECT) => Err("the proxy does not tunnel".to_owned()),
        Ok(method) => Ok(method),
        Err(_) => Err(format!("{text:?} is no method; write GET, POST, PUT, PATCH or DELETE")),
    }
}

fn parse_path(text: &str) -> Result<PathAndQuery, String> {
    if !text.starts_with('/') {
        return Err(format!("{text:?} is no path; it begins with /, and the service is named before it"));
    }
    text.parse().map_err(|error| format!("{text:?} cannot be sent: {error}; percent-encode it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_read() {
        let header =
            |text: &str| text.parse::<Header>().map(|Header(name, value)| format!("{name}={value:?}"));
        let method = |text: &str| parse_method(text).map(|method| method.to_string());
        let path = |text: &str| parse_path(text).map(|path| path.to_string());
        let data =
            |text: &str| text.parse::<Data>().map(|Data(bytes)| String::from_utf8(bytes).expect("text"));
        let table = [
            (header("Accept:text/plain"), Ok("accept=\"text/plain\"")),
            (header("x-a: b: c "), Ok("x-a=\"b: c\"")),
            (header("x-a"), Err("is no header")),
            (header("x a: b"), Err("is no name")),
            (header("x-a: b\nc"), Err("has characters")),
            (header("Ondol-Target: hotel"), Err("is set by this command")),
            (method("get"), Ok("GET")),
            (method("PURGE"), Ok("PURGE")),
            (method("connect"), Err("does not tunnel")),
            (method("a b"), Err("is no method")),
            (path("/a%20b?c=d"), Ok("/a%20b?c=d")),
            (path("a"), Err("begins with /")),
            (path("http://shop/a"), Err("begins with /")),
            (path("/a b"), Err("percent-encode")),
            (data("{}"), Ok("{}")),
            (data(""), Ok("")),
            (data("@missing"), Err("cannot read missing")),
        ];
        for (at, (got, expected)) in table.into_iter().enumerate() {
            match (got, expected) {
                (Ok(got), Ok(expected)) => assert_eq!(got, expected, "row {at}"),
                (Err(error), Err(part)) => assert!(error.contains(part), "row {at}: {error}"),
                (got, _) => panic!("row {at}: {got:?}"),
            }
        }
    }
}
