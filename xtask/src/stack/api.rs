//! Ondol's API, as far as those use it that break things.

use crate::clock::Stopwatch;
use crate::error::Error;
use crate::http::{Answer, Client};
use serde_json::{Value, json};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// How long a submit is repeated while Ondol is down, restarting or overloaded.
const SUBMIT_MAX: Duration = Duration::from_mins(3);

/// Pause before a submit is sent again.
const SUBMIT_PAUSE: Duration = Duration::from_millis(100);

/// What a person asks for.
#[derive(Debug, Clone)]
pub(crate) struct Booking {
    /// Also the saga's id, and so its idempotency key.
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) flight: String,
    pub(crate) seat: String,
    pub(crate) price: u32,
}

impl Booking {
    fn input(&self) -> Value {
        let Self { user, flight, seat, price, .. } = self;
        json!({ "token": format!("{user}-token"), "flight": flight, "seat": seat, "price": price })
    }
}

/// A client of the API.
#[derive(Debug)]
pub(crate) struct Api {
    client: Client,
}

impl Api {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { client: Client::new(address) }
    }

    /// The same, which waits no longer than this for each answer.
    pub(crate) fn patient(self, patience: Duration) -> Self {
        Self { client: self.client.patient(patience) }
    }

    /// Submits once.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) fn try_submit(&mut self, booking: &Booking) -> io::Result<Answer> {
        let body = json!({ "definition": "book-flight", "id": booking.id, "input": booking.input() });
        let headers = [("idempotency-key", booking.id.as_str())];
        self.client.send("POST", "/v1/sagas", &headers, Some(&body))
    }

    /// Submits until Ondol has accepted it: the same request with the same id, so that it is one saga. Says how
    /// often it had to be sent.
    ///
    /// # Errors
    /// If Ondol refuses it, or accepts it in three minutes neither.
    pub(crate) fn submit(&mut self, booking: &Booking) -> Result<u32, Error> {
        let failed = |why| Error::Http { request: format!("POST /v1/sagas of {}", booking.id), why };
        let watch = Stopwatch::start();
        for sent in 1.. {
            let why = match self.try_submit(booking) {
                Ok(answer) if matches!(answer.status, 200 | 201) => return Ok(sent),
                Ok(answer) if !matches!(answer.status, 429 | 500..) => {
                    return Err(failed(format!("refused with {}: {}", answer.status, answer.body)));
                }
                Ok(answer) => format!("{} {}", answer.status, answer.body),
                Err(error) => error.to_string(),
            };
            if watch.elapsed() > SUBMIT_MAX {
                return Err(failed(format!(
                    "not accepted after {SUBMIT_MAX:?} and {sent} requests; last: {why}"
                )));
            }
            std::thread::sleep(SUBMIT_PAUSE);
        }
        unreachable!("it is sent until it returns")
    }

    /// A saga in full.
    ///
    /// # Errors
    /// If Ondol does not say.
    pub(crate) fn saga(&mut self, id: &str) -> Result<Value, Error> {
        self.client.must("GET", &format!("/v1/sagas/{id}"), None)
    }

    /// The story of a saga, a trace or a request.
    ///
    /// # Errors
    /// If Ondol does not say.
    pub(crate) fn why(&mut self, id: &str, language: &str) -> Result<Value, Error> {
        self.client.must("GET", &format!("/v1/telemetry/why/{id}?lang={language}"), None)
    }

    /// How the server says it is: `GET /v1/status`.
    ///
    /// # Errors
    /// If Ondol does not say.
    pub(crate) fn status(&mut self) -> Result<Value, Error> {
        self.client.must("GET", "/v1/status", None)
    }

    /// What it counts: `GET /metrics`.
    ///
    /// # Errors
    /// If Ondol does not say.
    pub(crate) fn metrics(&mut self) -> Result<Metrics, Error> {
        let page = self.client.must("GET", "/metrics", None)?;
        Ok(Metrics(page.as_str().unwrap_or_default().to_owned()))
    }

    /// The ids of sagas that are `status`, at most `limit`.
    ///
    /// # Errors
    /// If Ondol does not say.
    pub(crate) fn list(&mut self, status: &str, limit: usize) -> Result<Vec<String>, Error> {
        let page = self.client.must("GET", &format!("/v1/sagas?status={status}&limit={limit}"), None)?;
        let sagas = page["sagas"].as_array().cloned().unwrap_or_default();
        Ok(sagas.iter().filter_map(|saga| saga["id"].as_str().map(str::to_owned)).collect())
    }
}

/// A page of metrics (Prometheus text).
#[derive(Debug)]
pub(crate) struct Metrics(String);

impl Metrics {
    /// The sample with this name and these labels, written as the page writes them; 0 where there is none, since a
    /// counter that never counted need not be there.
    pub(crate) fn sample(&self, series: &str) -> u64 {
        let value = |line: &str| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok();
        self.0.lines().find_map(value).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_found_by_its_whole_name() {
        let page = Metrics("# HELP a b\na_total{x=\"1\"} 3\na_total{x=\"12\"} 4\na 5\n".to_owned());
        let table = [("a_total{x=\"1\"}", 3), ("a_total{x=\"12\"}", 4), ("a", 5), ("a_total", 0), ("b", 0)];
        for (series, expected) in table {
            assert_eq!(page.sample(series), expected, "{series}");
        }
    }
}
