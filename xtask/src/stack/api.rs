//! Ondol's API, as far as the demo and the torture use it.

use crate::clock::Stopwatch;
use crate::error::Error;
use crate::http::Client;
use serde_json::{Value, json};
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

    /// Submits until Ondol has accepted it: the same request with the same id, so that it is one saga. Says how
    /// often it had to be sent.
    ///
    /// # Errors
    /// If Ondol refuses it, or accepts it in three minutes neither.
    pub(crate) fn submit(&mut self, booking: &Booking) -> Result<u32, Error> {
        let body = json!({ "definition": "book-flight", "id": booking.id, "input": booking.input() });
        let headers = [("idempotency-key", booking.id.as_str())];
        let failed = |why| Error::Http { request: format!("POST /v1/sagas of {}", booking.id), why };
        let watch = Stopwatch::start();
        for sent in 1.. {
            let why = match self.client.send("POST", "/v1/sagas", &headers, Some(&body)) {
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
