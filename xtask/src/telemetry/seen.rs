//! What the API says was kept.

use crate::error::Error;
use crate::http::Client;
use crate::receiver::Receiver;
use serde_json::Value;

/// A client of the API's telemetry.
pub(super) struct Seen {
    api: Client,
}

impl Seen {
    pub(super) fn of(receiver: &Receiver) -> Self {
        Self { api: receiver.api() }
    }

    /// How many log records match.
    ///
    /// # Errors
    /// If the API does not say.
    pub(super) fn logs(&mut self, query: &str) -> Result<u64, Error> {
        let path = format!("/v1/telemetry/logs?limit=1&count=true&q={}", encoded(query));
        number(&path, &self.api.must("GET", &path, None)?["matched"])
    }

    /// The newest log records that match.
    ///
    /// # Errors
    /// If the API does not say.
    pub(super) fn newest_logs(&mut self, query: &str) -> Result<Vec<Value>, Error> {
        let path = format!("/v1/telemetry/logs?limit=100&q={}", encoded(query));
        list(&path, &self.api.must("GET", &path, None)?["logs"])
    }

    /// How many spans match.
    ///
    /// # Errors
    /// If the API does not say.
    pub(super) fn spans(&mut self, query: &str) -> Result<u64, Error> {
        let path = format!("/v1/telemetry/traces?limit=1&count=true&q={}", encoded(query));
        number(&path, &self.api.must("GET", &path, None)?["matched"])
    }

    /// The newest traces of which a span matches.
    ///
    /// # Errors
    /// If the API does not say.
    pub(super) fn traces(&mut self, query: &str) -> Result<Vec<Value>, Error> {
        let path = format!("/v1/telemetry/traces?limit=100&q={}", encoded(query));
        list(&path, &self.api.must("GET", &path, None)?["traces"])
    }

    /// The spans of a trace; none where it is not known.
    ///
    /// # Errors
    /// If the API does not say.
    pub(super) fn trace(&mut self, id: &str) -> Result<Vec<Value>, Error> {
        let path = format!("/v1/telemetry/traces/{id}");
        let answer = self.api.send("GET", &path, &[], None);
        match answer {
            Ok(answer) if answer.status == 404 => Ok(Vec::new()),
            Ok(answer) if answer.status == 200 => list(&path, &answer.body["spans"]),
            Ok(answer) => {
                Err(Error::Http { request: path, why: format!("{} {}", answer.status, answer.body) })
            }
            Err(error) => Err(Error::Http { request: path, why: error.to_string() }),
        }
    }

    /// The sum over the ledger of a fate, of a service; of all where none is named.
    ///
    /// # Errors
    /// If the API does not say.
    pub(super) fn ledger(&mut self, service: Option<&str>, fate: &str) -> Result<u64, Error> {
        let path = "/v1/telemetry/ledger";
        let accounts = list(path, &self.api.must("GET", path, None)?["accounts"])?;
        let of =
            accounts.iter().filter(|account| service.is_none_or(|service| account["service"] == service));
        Ok(of.filter_map(|account| account[fate].as_u64()).sum())
    }
}

fn number(path: &str, value: &Value) -> Result<u64, Error> {
    value.as_u64().ok_or_else(|| Error::Http { request: path.to_owned(), why: format!("no count: {value}") })
}

fn list(path: &str, value: &Value) -> Result<Vec<Value>, Error> {
    let list = value.as_array().cloned();
    list.ok_or_else(|| Error::Http { request: path.to_owned(), why: format!("no list: {value}") })
}

/// As a part of a query in an address (RFC 3986).
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded() {
        assert_eq!(encoded("service:a \"b\""), "service%3Aa%20%22b%22");
    }
}
