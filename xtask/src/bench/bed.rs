//! What every measurement lies on: Ondol and no-op services as processes, built for release, in a fresh directory.

use crate::error::Error;
use crate::http::Client;
use crate::process::{Process, Program};
use crate::workspace;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The programs and their place.
pub(super) struct Bed {
    binaries: BTreeMap<String, PathBuf>,
    directory: tempfile::TempDir,
}

/// A running program and its address.
pub(super) struct Running {
    process: Process,
    pub(super) address: SocketAddr,
    /// Where Ondol's proxy listens, if it was asked for.
    pub(super) proxy: Option<SocketAddr>,
}

impl Running {
    pub(super) fn client(&self) -> Client {
        Client::new(self.address)
    }

    pub(super) fn kill(self) {
        self.process.kill();
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// CPU seconds used so far.
    pub(super) fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap_or_default();
        let fields = stat.rsplit_once(')').map_or("", |(_, after)| after);
        let ticks =
            |at: usize| fields.split_whitespace().nth(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
        // USER_HZ is 100 on every Linux that Rust supports.
        (ticks(11) + ticks(12)) / 100.0
    }

    /// Resident memory now, in bytes.
    pub(super) fn resident_bytes(&self) -> u64 {
        resident_bytes(self.process.id())
    }
}

/// Resident memory of a process now, in bytes.
pub(super) fn resident_bytes(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("");
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

impl Bed {
    /// Builds everything for release.
    pub(super) fn make(root: &Path) -> Result<Self, Error> {
        Self::of(workspace::build(root, &["--release", "-p", "ondol", "-p", "ondol-bench"])?)
    }

    /// Builds everything but Ondol, which was built elsewhere.
    pub(super) fn with(root: &Path, ondol: &Path) -> Result<Self, Error> {
        let mut binaries = workspace::build(root, &["--release", "-p", "ondol-bench"])?;
        let ondol = std::path::absolute(ondol).map_err(|error| Error::file("find", ondol, error))?;
        binaries.insert("ondol".to_owned(), ondol);
        Self::of(binaries)
    }

    fn of(binaries: BTreeMap<String, PathBuf>) -> Result<Self, Error> {
        let directory =
            tempfile::tempdir().map_err(|error| Error::file("create", Path::new("a directory"), error))?;
        Ok(Self { binaries, directory })
    }

    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    fn program(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.binaries.get(name).cloned();
        path.ok_or_else(|| Error::program("cargo build", format!("it made no binary {name}")))
    }

    /// A no-op service.
    pub(super) fn noop(&self, listen: &str, busy: bool) -> Result<Running, Error> {
        let mut arguments: Vec<OsString> = vec!["--listen".into(), listen.into()];
        if busy {
            arguments.push("--busy".into());
        }
        self.start("noop", arguments)
    }

    /// A service for what stands before it: a small answer, as cheap as can be.
    pub(super) fn upstream(&self) -> Result<Running, Error> {
        self.start("upstream", Vec::new())
    }

    /// Ondol, with these three services.
    pub(super) fn ondol(&self, services: [SocketAddr; 3]) -> Result<Running, Error> {
        self.serve(&system(services), "none")
    }

    /// The same, and where it takes telemetry (gRPC).
    pub(super) fn ondol_with_telemetry(
        &self,
        services: [SocketAddr; 3],
    ) -> Result<(Running, SocketAddr), Error> {
        let otlp = crate::stack::free(1)?[0];
        Ok((self.listen(&system(services), "none", &otlp.to_string())?, otlp))
    }

    /// Ondol, with this system file and its proxy at this address.
    pub(super) fn serve(&self, text: &str, proxy: &str) -> Result<Running, Error> {
        self.listen(text, proxy, "none")
    }

    fn listen(&self, text: &str, proxy: &str, otlp: &str) -> Result<Running, Error> {
        let config = self.directory().join("ondol.yaml");
        std::fs::write(&config, text).map_err(|error| Error::file("write", &config, error))?;
        let mut arguments: Vec<OsString> = vec!["serve".into(), "--config".into(), config.into()];
        arguments.extend(["--data".into(), self.directory().join("data").into()]);
        for (listener, at) in
            [("--listen", "127.0.0.1:0"), ("--proxy", proxy), ("--otlp-grpc", otlp), ("--otlp-http", "none")]
        {
            arguments.extend([listener.into(), at.into()]);
        }
        arguments.push("--json".into());
        self.start("ondol", arguments)
    }

    fn start(&self, name: &'static str, arguments: Vec<OsString>) -> Result<Running, Error> {
        let directory = self.directory().to_owned();
        let log = directory.join(name).with_extension("log");
        let (process, said) =
            Program { name, path: self.program(name)?, arguments, directory, log }.start()?;
        let at = |key: &str| said[key].as_str()?.parse().ok();
        let address = at("listening")
            .or_else(|| at("listen"))
            .ok_or_else(|| Error::program(name, format!("it did not say where it listens: {said}")))?;
        Ok(Running { process, address, proxy: at("proxy") })
    }

    /// Runs the load generator and returns its report.
    pub(super) fn load(&self, arguments: &[String]) -> Result<Value, Error> {
        self.report("load", arguments)
    }

    /// Runs a program that measures and returns its report.
    pub(super) fn report(&self, program: &str, arguments: &[String]) -> Result<Value, Error> {
        let output = Command::new(self.program(program)?).args(arguments).output();
        let failed = |why: String| Error::program(format!("{program} {}", arguments.join(" ")), why);
        let output = output.map_err(|error| failed(error.to_string()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(text.trim())
            .map_err(|_| failed(format!("no report: {text}{}", String::from_utf8_lossy(&output.stderr))))
    }

    /// Bytes of all files in Ondol's data directory.
    pub(super) fn data_bytes(&self) -> u64 {
        fn sum(path: &Path) -> u64 {
            let Ok(entries) = std::fs::read_dir(path) else { return 0 };
            entries
                .flatten()
                .map(|entry| match entry.metadata() {
                    Ok(meta) if meta.is_dir() => sum(&entry.path()),
                    Ok(meta) => meta.len(),
                    Err(_) => 0,
                })
                .sum()
        }
        sum(&self.directory().join("data"))
    }
}

fn system(services: [SocketAddr; 3]) -> String {
    let [a, b, c] = services;
    format!(
        r#"ondol: 1
services:
  a: {{ url: "http://{a}", barrier: true }}
  b: {{ url: "http://{b}", barrier: true }}
  c: {{ url: "http://{c}", barrier: true }}
sagas:
  three:
    timeout: 1h
    steps:
      - {{ name: one, action: {{ call: a POST /step, body: {{ n: "${{{{ input.n }}}}" }} }}, compensate: a POST /undo }}
      - {{ name: two, action: {{ call: b POST /step, body: {{ n: "${{{{ input.n }}}}" }} }}, compensate: b POST /undo }}
      - {{ name: three, action: {{ call: c POST /step, body: {{ n: "${{{{ steps.two.output.n }}}}" }} }}, compensate: c POST /undo }}
"#
    )
}
