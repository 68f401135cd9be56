//! An Ondol that takes telemetry, over all its lives, at the same addresses with the same data.

use crate::error::Error;
use crate::http::Client;
use crate::process::Program;
use crate::stack::{Unit, free};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// It calls nobody, but a system has services.
const SYSTEM: &str = "ondol: 1\nservices:\n  nobody: { url: \"http://127.0.0.1:1\" }\n";

/// The running server.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) unit: Unit,
    pub(crate) grpc: SocketAddr,
    pub(crate) http: SocketAddr,
    data: PathBuf,
}

impl Receiver {
    /// Starts it in a directory, with a system file of its own and these further arguments.
    ///
    /// # Errors
    /// If it does not come up.
    pub(crate) fn start(ondol: &Path, directory: &Path, extra: &[&str]) -> Result<Self, Error> {
        Self::with_system(ondol, directory, SYSTEM, extra)
    }

    /// The same, with this system file.
    ///
    /// # Errors
    /// If it does not come up.
    pub(crate) fn with_system(
        ondol: &Path,
        directory: &Path,
        system: &str,
        extra: &[&str],
    ) -> Result<Self, Error> {
        let config = directory.join("ondol.yaml");
        std::fs::write(&config, system).map_err(|error| Error::file("write", &config, error))?;
        let ports = free(3)?;
        let [api, grpc, http] = ports[..] else { unreachable!("three were asked for") };
        let data = directory.join("ondol-data");
        let mut arguments: Vec<OsString> = vec!["serve".into(), "--json".into()];
        arguments.extend(["--config".into(), config.into(), "--data".into(), data.clone().into()]);
        for (flag, address) in [("--listen", api), ("--otlp-grpc", grpc), ("--otlp-http", http)] {
            arguments.extend([flag.into(), address.to_string().into()]);
        }
        arguments.extend(["--proxy".into(), "none".into()]);
        arguments.extend(extra.iter().map(OsString::from));
        let log = directory.join("ondol.log");
        let directory = directory.to_owned();
        let program = Program { name: "ondol", path: ondol.to_owned(), arguments, directory, log };
        Ok(Self { unit: Unit::start(program, api)?, grpc, http, data })
    }

    pub(crate) fn api(&self) -> Client {
        self.unit.client()
    }

    /// Where telemetry is kept.
    pub(crate) fn telemetry(&self) -> PathBuf {
        self.data.join("telemetry")
    }

    /// A flag and the address of its API, for the program that looks.
    pub(crate) fn at_api(&self, verb: &str) -> [String; 3] {
        [verb.to_owned(), "--api".to_owned(), self.unit.address().to_string()]
    }

    /// A flag and the address of its listener for gRPC, for the program that sends.
    pub(crate) fn at_grpc(&self) -> [String; 3] {
        ["send".to_owned(), "--grpc".to_owned(), self.grpc.to_string()]
    }
}
