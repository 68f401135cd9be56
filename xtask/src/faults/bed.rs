//! What a scenario lies in: services, each a process that writes down what it does, and an Ondol of its own whose proxy
//! knows them by name.

use super::client::{Client, Request};
use super::ledger::Acts;
use super::namespace::Namespace;
use crate::error::Error;
use crate::process::{Process, Program};
use crate::stack::Unit;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long Ondol may take to end what is in hand when it is asked to go.
const ENDS_WITHIN: Duration = Duration::from_secs(20);

/// Ondol's listeners: free ports for the two that are used.
const LISTENERS: [&str; 8] =
    ["--listen", "127.0.0.1:0", "--proxy", "127.0.0.1:0", "--otlp-grpc", "none", "--otlp-http", "none"];

/// Where everything is.
#[derive(Debug)]
pub(super) struct Bed {
    /// `xtask/peers/faults`.
    pub(super) peers: PathBuf,
    /// The program.
    pub(super) ondol: PathBuf,
    /// Of this run: data, logs, ledgers.
    pub(super) directory: PathBuf,
}

/// A service.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) unit: Unit,
    ledger: PathBuf,
}

/// Ondol, with a proxy.
#[derive(Debug)]
pub(super) struct Ondol {
    process: Process,
    /// Where calls go.
    pub(super) proxy: SocketAddr,
    api: SocketAddr,
}

/// What a service is written in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Service<'a> {
    /// HTTP/1.1, in JavaScript, with further arguments.
    Plain(&'a [&'a str]),
    /// HTTP/2, in JavaScript; each request takes so many milliseconds.
    Http2(&'a str),
    /// gRPC, by this Python; each call takes so many milliseconds.
    Grpc(&'a Path, &'a str),
}

impl Bed {
    /// Starts a service. `name` is also that of its log and its ledger.
    ///
    /// # Errors
    /// If it does not come up.
    pub(super) fn peer(
        &self,
        name: &'static str,
        address: SocketAddr,
        service: Service<'_>,
    ) -> Result<Peer, Error> {
        self.start(name, address, service, None)
    }

    /// The same in a network of its own.
    ///
    /// # Errors
    /// If it does not come up.
    pub(super) fn peer_in(
        &self,
        namespace: &Namespace,
        name: &'static str,
        port: u16,
        service: Service<'_>,
    ) -> Result<Peer, Error> {
        self.start(name, namespace.there(port), service, Some(namespace))
    }

    fn start(
        &self,
        name: &'static str,
        address: SocketAddr,
        service: Service<'_>,
        namespace: Option<&Namespace>,
    ) -> Result<Peer, Error> {
        let ledger = self.directory.join(name).with_extension("acts");
        let (listen, script) = (address.to_string(), |script: &str| self.peers.join(script).into_os_string());
        let text = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        let named = |file: &str| -> Vec<OsString> {
            let mut all = vec!["node".into(), script(file)];
            all.extend(text(&["--listen", &listen, "--ledger"]));
            all.push(ledger.clone().into());
            all
        };
        let words: Vec<OsString> = match service {
            Service::Plain(more) => [named("plain.mjs"), text(more)].concat(),
            Service::Http2(work) => [named("h2.mjs"), text(&["--work", work])].concat(),
            // Without -B, Python would leave files beside its scripts.
            Service::Grpc(python, work) => vec![
                python.into(),
                "-B".into(),
                script("grpc_server.py"),
                listen.into(),
                ledger.clone().into(),
                work.into(),
            ],
        };
        let words = match namespace {
            Some(namespace) => [text(&namespace.inside()), words].concat(),
            None => words,
        };
        let unit = Unit::start(self.program(name, name, words), address)?;
        Ok(Peer { unit, ledger })
    }

    /// Starts Ondol with these services, in YAML.
    ///
    /// # Errors
    /// If it does not come up.
    pub(super) fn ondol(&self, scenario: &str, services: &str) -> Result<Ondol, Error> {
        let config = self.directory.join(scenario).with_extension("yaml");
        std::fs::write(&config, format!("ondol: 1\nservices:\n{services}"))
            .map_err(|error| Error::file("write", &config, error))?;
        let mut words: Vec<OsString> = vec![self.ondol.clone().into(), "serve".into()];
        words.extend(["--config".into(), config.into(), "--data".into(), format!("{scenario}-data").into()]);
        words.extend(LISTENERS.map(OsString::from));
        words.push("--json".into());
        let (process, said) = self.program("ondol", &format!("{scenario}-ondol"), words).start()?;
        let address = |of: &str| said[of].as_str().and_then(|text| text.parse().ok());
        match (address("proxy"), address("listen")) {
            (Some(proxy), Some(api)) => Ok(Ondol { process, proxy, api }),
            _ => Err(Error::program("ondol", format!("it has no proxy: {said}"))),
        }
    }

    fn program(&self, name: &'static str, log: &str, mut words: Vec<OsString>) -> Program {
        let path = PathBuf::from(words.remove(0));
        let log = self.directory.join(format!("{log}.log"));
        Program { name, path, arguments: words, directory: self.directory.clone(), log }
    }
}

impl Peer {
    /// What it did so far, over all its lives.
    ///
    /// # Errors
    /// If that cannot be read.
    pub(super) fn acts(&self) -> Result<Acts, Error> {
        acts([self])
    }
}

/// What several did.
///
/// # Errors
/// If that cannot be read.
pub(super) fn acts<'a>(peers: impl IntoIterator<Item = &'a Peer>) -> Result<Acts, Error> {
    Acts::read(peers.into_iter().map(|peer| peer.ledger.as_path()))
}

impl Ondol {
    /// The page of metrics.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn metrics(&self) -> Result<String, Error> {
        let host = self.api.to_string();
        let request = Request { method: "GET", host: &host, path: "/metrics", headers: &[], body: &[] };
        let answer = Client::new(self.api).send(&request);
        let answer = answer.map_err(|failure| Error::Failed(format!("GET /metrics: {failure:?}")))?;
        Ok(answer.text())
    }

    /// Ends it. Whatever it was put through, it must still be there, and end when it is asked to.
    ///
    /// # Errors
    /// If it is not, or does not.
    pub(super) fn end(mut self) -> Result<(), Error> {
        if let Some(status) = self.process.ended() {
            return Err(Error::program("ondol", format!("it ended by itself ({status})")));
        }
        self.process.terminate(ENDS_WITHIN)
    }
}
