//! A whole system, compiled: what is live (services, secrets, webhooks) and its definitions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::call;
use crate::calls::{
    BalanceSettings, BreakerSettings, CallSettings, FaultRule, HealthSettings, Operation, PoolSettings,
};
use crate::definition::Definition;
use crate::model::{Begin, Protocol};
use crate::template::{Part, Text};
use crate::url::{Origin, Webhook};

/// What one `ondol.yaml` says. The default is a system without anything.
#[derive(Clone, Debug, Default)]
pub struct System {
    /// May faults be injected? Where not, no service has any.
    pub allow_faults: bool,
    /// Services by name.
    pub services: BTreeMap<String, Service>,
    /// Secrets by name: where their values come from, not the values.
    pub secrets: BTreeMap<String, SecretSource>,
    /// Definitions by name.
    pub definitions: BTreeMap<String, Arc<Definition>>,
    /// Log files that are read as they grow, at most [`crate::bounds::LOGS_MAX`]. Live, like services.
    pub logs: Vec<LogFiles>,
    pub(crate) webhooks: BTreeMap<String, Webhook>,
}

/// Log files of a program that does not send its logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFiles {
    /// A path with `*`, `?`, `[a-z]` and `**`; a relative one is not resolved yet.
    pub files: String,
    /// `service.name` of whoever writes them.
    pub service: String,
    /// `service.instance.id`; where there is none, the path of the file.
    pub instance: Option<String>,
    /// Where to begin with files that are there already when this entry is new.
    pub from: Begin,
}

/// A service. All of it is live: a change holds for running sagas too.
#[derive(Clone, Debug)]
pub struct Service {
    /// One or more addresses.
    pub origins: Vec<Origin>,
    /// Does it keep a barrier? Then a request with an `Idempotency-Key` may be sent twice.
    pub barrier: bool,
    /// How to speak to it.
    pub protocol: Protocol,
    /// DNS, TCP and TLS together, in milliseconds.
    pub connect_ms: u64,
    /// From sending an attempt of a saga's step to its answer, in milliseconds.
    pub response_ms: u64,
    /// Requests in flight to the service, where the file bounds them.
    pub in_flight_max: Option<u32>,
    /// Its connections.
    pub pool: PoolSettings,
    /// When an address is left alone for a while.
    pub breaker: BreakerSettings,
    /// How calls are spread over the addresses.
    pub balance: BalanceSettings,
    /// Where it says whether it is well.
    pub health: Option<HealthSettings>,
    /// What holds for a call that no operation matches.
    pub calls: CallSettings,
    /// What is different for some calls, at most [`crate::bounds::calls::OPERATIONS_MAX`]. The first that matches holds.
    pub operations: Vec<Operation>,
    /// Faults to inject, at most [`crate::bounds::calls::FAULT_RULES_MAX`].
    pub faults: Vec<FaultRule>,
    pub(crate) headers: Vec<(String, Text)>,
}

/// Where the value of a secret comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretSource {
    /// The place.
    pub from: SecretPlace,
    /// The value where that place is empty. Not shown by `Debug`.
    pub default: Option<String>,
}

/// The place of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// An environment variable.
    Env(String),
    /// A file; white space at its end is to be dropped.
    File(String),
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = self.default.as_ref().map(|_| "…");
        f.debug_struct("SecretSource").field("from", &self.from).field("default", &default).finish()
    }
}

/// The values of secrets, read by whoever may read them. `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// Secrets by name.
    #[must_use]
    pub const fn new(values: BTreeMap<String, String>) -> Self {
        Self(values)
    }

    /// The value of one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A header of a service cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The secret has no value.
    #[error(
        "the header `{header}` needs the secret `{secret}`, which has no value; set it, or give it a default"
    )]
    NoSecret {
        /// The header.
        header: String,
        /// The secret.
        secret: String,
    },
    /// The secret has characters that a header cannot have.
    #[error("the header `{header}` would have a line break or another control character; mend the secret")]
    Characters {
        /// The header.
        header: String,
    },
}

impl System {
    /// Where the notices of a saga's definition go now. `None` where the definition (any more) wants none; for a plan
    /// that came through the API ask [`Definition::webhook`].
    #[must_use]
    pub fn webhook(&self, definition: &str) -> Option<&Webhook> {
        self.webhooks.get(definition)
    }

    /// The secrets that something in the system inserts; each must have a value before the system is used.
    #[must_use]
    pub fn secrets_used(&self) -> BTreeSet<&str> {
        let services = self.services.values().flat_map(Service::secrets);
        let calls = self.definitions.values().flat_map(|definition| definition.secrets());
        services.chain(calls).collect()
    }
}

impl Service {
    /// The operation that a call belongs to; see [`Operation::matches`].
    #[must_use]
    pub fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.matches(method, path))
    }

    /// The headers of every request, names in lower case. A call's own header of the same name replaces one.
    pub fn headers(&self, secrets: &Secrets) -> Result<Vec<(String, String)>, HeaderError> {
        self.headers.iter().map(|(name, text)| Ok((name.clone(), header(name, text, secrets)?))).collect()
    }

    /// The secrets that its headers insert.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().flat_map(|(_, text)| call::secrets(text))
    }
}

/// A header of a service has literals and secrets only; lint has seen to that.
fn header(name: &str, text: &Text, secrets: &Secrets) -> Result<String, HeaderError> {
    let mut out = String::new();
    for part in &text.parts {
        match part {
            Part::Literal(literal) => out.push_str(literal),
            Part::Value(value) => {
                let secret = value.secret().unwrap_or_default();
                let missing = || HeaderError::NoSecret { header: name.to_owned(), secret: secret.to_owned() };
                out.push_str(secrets.get(secret).ok_or_else(missing)?);
            }
        }
    }
    match call::header_value(&out) {
        Ok(()) => Ok(out),
        Err(_) => Err(HeaderError::Characters { header: name.to_owned() }),
    }
}
