//! What is compared: the peers, each a process, and an Ondol whose proxy knows them by name.

use super::script::Script;
use crate::error::Error;
use crate::process::{Process, Program};
use crate::workspace;
use serde_json::Value;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// A service that the proxy knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    Httpbin,
    Mirror,
    Big,
    Grpc,
    Websocket,
}

impl Peer {
    const ALL: [Self; 5] = [Self::Httpbin, Self::Mirror, Self::Big, Self::Grpc, Self::Websocket];

    /// Its name in the system file.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Httpbin => "httpbin",
            Self::Mirror => "mirror",
            Self::Big => "big",
            Self::Grpc => "grpcdemo",
            Self::Websocket => "ws",
        }
    }

    const fn script(self) -> &'static str {
        match self {
            Self::Httpbin => "httpbin_server.py",
            Self::Mirror => "mirror_server.py",
            Self::Big => "big_server.py",
            Self::Grpc => "grpc_server.py",
            Self::Websocket => "ws_server.py",
        }
    }
}

/// A peer that runs.
struct Running {
    peer: Peer,
    address: SocketAddr,
    process: Process,
}

/// Everything that runs.
pub(super) struct Bed {
    directory: PathBuf,
    python: PathBuf,
    peers: PathBuf,
    running: Vec<Running>,
    ondol: Process,
    proxy: SocketAddr,
}

impl Bed {
    /// Starts the peers, then Ondol.
    ///
    /// # Errors
    /// If one does not come up.
    pub(super) fn start(
        root: &Path,
        directory: &Path,
        python: &Path,
        ondol: Option<&Path>,
    ) -> Result<Self, Error> {
        let path = ondol.map_or_else(|| built(root), |path| Ok(path.to_owned()))?;
        let peers = root.join("xtask/peers");
        let program = |name: &'static str, path: &Path, arguments: Vec<OsString>| Program {
            name,
            path: path.to_owned(),
            arguments,
            directory: directory.to_owned(),
            log: directory.join(name).with_extension("log"),
        };
        let running = Peer::ALL.map(|peer| {
            // Without -B, Python would leave files beside its scripts.
            let arguments = vec!["-B".into(), peers.join(peer.script()).into()];
            let (process, said) = program(peer.name(), python, arguments).start()?;
            let port = said["listening"].as_u64().and_then(|port| u16::try_from(port).ok());
            let port = port.ok_or_else(|| Error::program(peer.name(), format!("it said {said}")))?;
            Ok(Running { peer, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)), process })
        });
        let running = running.into_iter().collect::<Result<Vec<_>, Error>>()?;
        let config = directory.join("ondol.yaml");
        std::fs::write(&config, system_file(&running))
            .map_err(|error| Error::file("write", &config, error))?;
        let (ondol, said) = program("ondol", &path, serve(&config)).start()?;
        let proxy =
            address(&said).ok_or_else(|| Error::program("ondol", format!("it has no proxy: {said}")))?;
        Ok(Self { directory: directory.to_owned(), python: python.to_owned(), peers, running, ondol, proxy })
    }

    pub(super) const fn proxy(&self) -> SocketAddr {
        self.proxy
    }

    /// Where the peer is without the proxy.
    pub(super) fn direct(&self, peer: Peer) -> SocketAddr {
        let running = self.running.iter().find(|running| running.peer == peer);
        running.expect("all peers are started").address
    }

    /// Where logs and outputs go.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Ondol's process id.
    pub(super) fn ondol(&self) -> u32 {
        self.ondol.id()
    }

    /// Those that ended by themselves, which none may.
    pub(super) fn ended(mut self) -> Vec<&'static str> {
        let peers = self.running.iter_mut().filter_map(|one| one.process.ended().map(|_| one.peer.name()));
        let ended: Vec<_> = peers.collect();
        self.ondol.ended().map(|_| "ondol").into_iter().chain(ended).collect()
    }

    /// A peers' script in Python, to be run with arguments.
    pub(super) fn python(&self, script: &str) -> Script<'_> {
        Script::new(&self.directory, &self.python).argument("-B").argument(self.peers.join(script))
    }
}

fn built(root: &Path) -> Result<PathBuf, Error> {
    let built = workspace::build(root, &["-p", "ondol"])?;
    built.get("ondol").cloned().ok_or_else(|| Error::program("cargo build", "it made no binary ondol"))
}

fn system_file(running: &[Running]) -> String {
    let mut text = "ondol: 1\nservices:\n".to_owned();
    for Running { peer, address, .. } in running {
        let protocol = if *peer == Peer::Grpc { ", protocol: http2" } else { "" };
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {}: {{ url: \"http://{address}\"{protocol} }}", peer.name());
    }
    text
}

/// The arguments of `ondol serve`.
fn serve(config: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["serve".into(), "--config".into(), config.into()];
    let more = ["--data", "ondol-data", "--listen", "127.0.0.1:0", "--proxy", "127.0.0.1:0", "--json"];
    let none = ["--otlp-grpc", "none", "--otlp-http", "none"];
    arguments.extend(more.into_iter().chain(none).map(OsString::from));
    arguments
}

/// The proxy's address, as Ondol says it.
fn address(said: &Value) -> Option<SocketAddr> {
    said["proxy"].as_str()?.parse().ok()
}
