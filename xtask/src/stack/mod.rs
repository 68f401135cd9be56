//! The product and its example, running: Ondol and the five services of the airline, each a process with its own data.
//!
//! It starts, kills and starts again; it judges nothing. What must hold is the business of whoever asked for it.

mod api;
mod ports;
mod system;
mod unit;

pub(crate) use api::{Api, Booking, Metrics};
pub(crate) use ports::free;
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
    /// How many processes each service has; they share its file.
    pub(crate) instances: usize,
    /// The services send what they tell to Ondol, which keeps it. Otherwise nobody listens for it.
    pub(crate) telemetry: bool,
    /// Faults that Ondol's own calls meet on purpose: the value of each service's `faults` in the system file.
    pub(crate) faults: Option<&'static str>,
}

/// Ondol and the services' processes.
pub(crate) struct Stack {
    pub(crate) ondol: Unit,
    services: BTreeMap<Service, Vec<Unit>>,
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
        let mut addresses = ports::free(2 + Service::ALL.len() * setup.instances)?.into_iter();
        let mut next = || addresses.next().expect("as many ports as were asked for");
        let ondol = next();
        let otlp = Some(next()).filter(|_| setup.telemetry);
        let mut of_each = |service| (service, (0..setup.instances).map(|_| next()).collect());
        let services: BTreeMap<Service, Vec<SocketAddr>> = Service::ALL.map(&mut of_each).into();
        let config = system::write(root, &setup.directory, &services, setup)?;
        let unit = |name: &'static str, log: &str, address: SocketAddr, arguments: Vec<OsString>| {
            let path = binaries.get(name).cloned();
            let path =
                path.ok_or_else(|| Error::program("cargo build", format!("it made no binary {name}")))?;
            let log = setup.directory.join(log).with_extension("log");
            Unit::start(Program { name, path, arguments, directory: setup.directory.clone(), log }, address)
        };
        let mut running = BTreeMap::new();
        for (service, addresses) in services {
            let mut units = Vec::new();
            for (number, address) in (1..).zip(addresses) {
                let mut arguments: Vec<OsString> = vec!["--listen".into(), address.to_string().into()];
                arguments.extend((setup.service)(service));
                arguments.extend(["--instance".into(), number.to_string().into()]);
                if let Some(otlp) = otlp {
                    arguments.extend(["--otlp".into(), format!("http://{otlp}").into()]);
                }
                let log = format!("{}-{number}", service.name());
                units.push(unit(service.name(), &log, address, arguments)?);
            }
            running.insert(service, units);
        }
        let ondol = unit("ondol", "ondol", ondol, serve(&config, ondol, otlp))?;
        Ok(Self { ondol, services: running, directory: setup.directory.clone() })
    }

    /// The processes of a service, at least one.
    pub(crate) fn instances(&mut self, service: Service) -> &mut [Unit] {
        self.services.get_mut(&service).expect("all five are started")
    }

    /// The first process of a service; for what any of them can do, since they share their file.
    pub(crate) fn service(&mut self, service: Service) -> &mut Unit {
        &mut self.instances(service)[0]
    }

    pub(crate) fn services(&mut self) -> impl Iterator<Item = &mut Unit> {
        self.services.values_mut().flatten()
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
fn serve(config: &Path, listen: SocketAddr, otlp: Option<SocketAddr>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["serve".into(), "--config".into(), config.into()];
    arguments.extend(["--data".into(), "ondol-data".into(), "--listen".into(), listen.to_string().into()]);
    let otlp = otlp.map_or_else(|| "none".to_owned(), |address| address.to_string());
    for (listener, address) in [("--proxy", "none"), ("--otlp-grpc", "none"), ("--otlp-http", &otlp)] {
        arguments.extend([listener.into(), address.into()]);
    }
    arguments.push("--json".into());
    arguments
}
