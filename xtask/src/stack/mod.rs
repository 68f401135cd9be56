//! The product and its example, running: Ondol and the five services of the airline, each a process with its own data.
//!
//! It starts, kills and starts again; it judges nothing. What must hold is the business of whoever asked for it.

mod api;
mod ports;
mod system;
mod unit;

pub(crate) use api::{Api, Booking, Metrics};
pub(crate) use system::Retries;
pub(crate) use unit::Unit;

use crate::error::Error;
use crate::process::Program;
use crate::workspace;
use airline::audit::Stores;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// A service of the airline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    Auth,
    Flight,
    Reservation,
    Payment,
    Inbox,
}

impl Service {
    pub(crate) const ALL: [Self; 5] =
        [Self::Auth, Self::Flight, Self::Reservation, Self::Payment, Self::Inbox];

    /// Its name: of the program, of the file and in the system file.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Flight => "flight",
            Self::Reservation => "reservation",
            Self::Payment => "payment",
            Self::Inbox => "inbox",
        }
    }

    /// Its address in the sample system file.
    const fn sample_port(self) -> u16 {
        match self {
            Self::Auth => 7101,
            Self::Flight => 7102,
            Self::Reservation => 7103,
            Self::Payment => 7104,
            Self::Inbox => 7105,
        }
    }
}

/// How to start everything.
pub(crate) struct Setup {
    /// Where all data goes; must exist.
    pub(crate) directory: PathBuf,
    /// Arguments of cargo's build, such as `--release`.
    pub(crate) build: Vec<&'static str>,
    /// Further arguments of each service.
    pub(crate) service: Box<dyn Fn(Service) -> Vec<OsString>>,
    /// How often each half is tried.
    pub(crate) retries: Retries,
}

/// All six processes.
pub(crate) struct Stack {
    pub(crate) ondol: Unit,
    services: BTreeMap<Service, Unit>,
    directory: PathBuf,
}

impl Stack {
    /// Builds the programs, picks ports, writes the system file and starts everything, services first.
    ///
    /// # Errors
    /// If something cannot be built or does not come up.
    pub(crate) fn start(root: &Path, setup: &Setup) -> Result<Self, Error> {
        let binaries =
            workspace::build(root, &[&["-p", "ondol", "-p", "airline"], setup.build.as_slice()].concat())?;
        let mut addresses = ports::free(1 + Service::ALL.len())?.into_iter();
        let mut next = || addresses.next().expect("as many ports as were asked for");
        let ondol = next();
        let services: BTreeMap<Service, SocketAddr> = Service::ALL.map(|service| (service, next())).into();
        let config = system::write(root, &setup.directory, &services, setup.retries)?;
        let unit = |name: &'static str, address: SocketAddr, arguments: Vec<OsString>| {
            let path = binaries.get(name).cloned();
            let path =
                path.ok_or_else(|| Error::program("cargo build", format!("it made no binary {name}")))?;
            let log = setup.directory.join(name).with_extension("log");
            Unit::start(Program { name, path, arguments, directory: setup.directory.clone(), log }, address)
        };
        let mut running = BTreeMap::new();
        for (service, address) in services {
            let mut arguments: Vec<OsString> = vec!["--listen".into(), address.to_string().into()];
            arguments.extend((setup.service)(service));
            running.insert(service, unit(service.name(), address, arguments)?);
        }
        let ondol = unit("ondol", ondol, serve(&config, ondol))?;
        Ok(Self { ondol, services: running, directory: setup.directory.clone() })
    }

    pub(crate) fn service(&mut self, service: Service) -> &mut Unit {
        self.services.get_mut(&service).expect("all five are started")
    }

    pub(crate) fn services(&mut self) -> impl Iterator<Item = &mut Unit> {
        self.services.values_mut()
    }

    pub(crate) fn api(&self) -> Api {
        Api::new(self.ondol.address())
    }

    /// The services' own files, for the audit.
    pub(crate) fn stores(&self) -> Stores {
        Stores::in_directory(&self.directory)
    }
}

/// The arguments of `ondol serve`.
fn serve(config: &Path, listen: SocketAddr) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["serve".into(), "--config".into(), config.into()];
    arguments.extend(["--data".into(), "ondol-data".into(), "--listen".into(), listen.to_string().into()]);
    for listener in ["--proxy", "--otlp-grpc", "--otlp-http"] {
        arguments.extend([listener.into(), "none".into()]);
    }
    arguments.push("--json".into());
    arguments
}
