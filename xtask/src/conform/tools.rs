//! The programs of others that are compared with: installed once under `target/conform`, at the versions that
//! `xtask/peers` names.

use crate::install::{Missing, copy};
use std::path::{Path, PathBuf};

/// Go's module of h2spec.
const H2SPEC: &str = "github.com/summerwind/h2spec/cmd/h2spec";

/// The newest release of h2spec that Go's modules can name; the later ones have a version that they do not allow.
const H2SPEC_VERSION: &str = "v2.2.1+incompatible";

/// The scripts in JavaScript, which must stand beside their packages.
const JAVASCRIPT: [&str; 2] = ["grpc_client.js", "dapr_client.js"];

/// Where programs are, and what to install there.
pub(super) struct Tools {
    /// `xtask/peers`.
    peers: PathBuf,
    /// `target/conform`.
    home: PathBuf,
}

impl Tools {
    pub(super) fn new(root: &Path) -> Self {
        Self { peers: root.join("xtask/peers"), home: root.join("target/conform") }
    }

    /// A Python with the peers' packages.
    ///
    /// # Errors
    /// If there is none and none can be made.
    pub(super) fn python(&self) -> Result<PathBuf, Missing> {
        crate::install::python(&self.home.join("venv"), &self.peers.join("requirements.txt"))
    }

    /// The folder with the scripts in JavaScript and their packages.
    ///
    /// # Errors
    /// If they cannot be installed.
    pub(super) fn javascript(&self) -> Result<PathBuf, Missing> {
        let home = crate::install::javascript(&self.home.join("node"), &self.peers.join("package.json"))?;
        for script in JAVASCRIPT {
            copy(&self.peers.join(script), &home.join(script))?;
        }
        Ok(home)
    }

    /// h2spec.
    ///
    /// # Errors
    /// If it cannot be installed.
    pub(super) fn h2spec(&self) -> Result<PathBuf, Missing> {
        crate::install::go(&self.home.join("bin"), "h2spec", &format!("{H2SPEC}@{H2SPEC_VERSION}"))
    }
}
