//! Who is measured: a proxy, running on its core.

use super::cores::Cores;
use super::rival::{Foreign, HAPROXY, NGINX, Rival};
use crate::bench::bed::{Bed, Running, resident_bytes};
use crate::error::Error;
use clap::ValueEnum;
use std::net::SocketAddr;

/// The proxies there are, in the order of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Who {
    Nginx,
    Haproxy,
    Ondol,
}

impl Who {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Ondol => "ondol",
        }
    }

    /// `None` for ours.
    pub(super) fn rival(self) -> Option<&'static Rival> {
        match self {
            Self::Nginx => Some(&NGINX),
            Self::Haproxy => Some(&HAPROXY),
            Self::Ondol => None,
        }
    }
}

/// One that runs.
pub(super) struct Contender {
    pub(super) who: Who,
    pub(super) address: SocketAddr,
    process: Process,
}

enum Process {
    Ours(Running),
    Foreign(Foreign),
}

impl Contender {
    /// Starts it before these two services. All of its settings are defaults, where it has policies for calls.
    pub(super) fn start(who: Who, bed: &Bed, cores: Cores, services: [SocketAddr; 2]) -> Result<Self, Error> {
        let (process, address) = cores.start(|| {
            if let Some(rival) = who.rival() {
                let (process, address) = rival.start(services, bed.directory())?;
                return Ok((Process::Foreign(process), address));
            }
            let [first, second] = services;
            let system = format!(
                "ondol: 1\nservices:\n  upstream: {{ urls: [\"http://{first}\", \"http://{second}\"] }}\n"
            );
            let ondol = bed.serve(&system, "127.0.0.1:0")?;
            let address = ondol.proxy.ok_or_else(|| Error::program("ondol", "it has no proxy"))?;
            Ok((Process::Ours(ondol), address))
        })?;
        Ok(Self { who, address, process })
    }

    pub(super) fn id(&self) -> u32 {
        match &self.process {
            Process::Ours(running) => running.id(),
            Process::Foreign(foreign) => foreign.id(),
        }
    }

    /// Resident memory now, in bytes.
    pub(super) fn resident_bytes(&self) -> u64 {
        resident_bytes(self.id())
    }
}
