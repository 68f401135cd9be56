//! The SDKs, installed once under `target/telemetry`, at the versions that `xtask/peers/otlp` and this file name.

use crate::install::{self, Missing};
use std::path::{Path, PathBuf};

/// The generator of the Collector's own tests.
const TELEMETRYGEN: &str =
    "github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@v0.161.0";

/// The agent that makes a Java program send without a change.
const AGENT: [&str; 3] = ["io.opentelemetry.javaagent", "opentelemetry-javaagent", "2.20.1"];

/// The script in JavaScript, which must stand beside its packages.
const SCRIPT: &str = "sdk_javascript.js";

/// Where programs are, and what to install there.
pub(super) struct Tools {
    pub(super) peers: PathBuf,
    home: PathBuf,
}

impl Tools {
    pub(super) fn new(root: &Path) -> Self {
        Self { peers: root.join("xtask/peers/otlp"), home: root.join("target/telemetry") }
    }

    /// A Python with the SDK and DuckDB.
    pub(super) fn python(&self) -> Result<PathBuf, Missing> {
        install::python(&self.home.join("venv"), &self.peers.join("requirements.txt"))
    }

    /// The script in JavaScript, beside its packages.
    pub(super) fn javascript(&self) -> Result<PathBuf, Missing> {
        let home = install::javascript(&self.home.join("node"), &self.peers.join("package.json"))?;
        let script = home.join(SCRIPT);
        install::copy(&self.peers.join(SCRIPT), &script)?;
        Ok(script)
    }

    /// Go's `telemetrygen`.
    pub(super) fn telemetrygen(&self) -> Result<PathBuf, Missing> {
        install::go(&self.home.join("bin"), "telemetrygen", TELEMETRYGEN)
    }

    /// The jar of Java's agent.
    pub(super) fn agent(&self) -> Result<PathBuf, Missing> {
        let [group, artifact, version] = AGENT;
        install::jar(&self.home.join("java"), group, artifact, version)
    }
}
