//! The programs of others that are compared with: installed once under `target/conform`, at the versions that
//! `xtask/peers` names.

use crate::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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

/// What is missing and how to get it, for people.
pub(super) type Missing = String;

impl Tools {
    pub(super) fn new(root: &Path) -> Self {
        Self { peers: root.join("xtask/peers"), home: root.join("target/conform") }
    }

    /// A Python with the peers' packages.
    ///
    /// # Errors
    /// If there is none and none can be made.
    pub(super) fn python(&self) -> Result<PathBuf, Missing> {
        let home = self.home.join("venv");
        let python = home.join("bin/python");
        let requirements = self.peers.join("requirements.txt");
        made(&home, &requirements, || {
            let venv = home.as_os_str();
            run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv))
                .map_err(|why| missing("python3 with venv", "install Debian package python3-venv", &why))?;
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
            run(Command::new(&python).args(pip).arg(&requirements)).map_err(|why| {
                missing(
                    "a Python package",
                    "see xtask/peers/requirements.txt, for Python 3.10 or later",
                    &why,
                )
            })
        })?;
        Ok(python)
    }

    /// The folder with the scripts in JavaScript and their packages.
    ///
    /// # Errors
    /// If they cannot be installed.
    pub(super) fn javascript(&self) -> Result<PathBuf, Missing> {
        let home = self.home.join("node");
        let manifest = self.peers.join("package.json");
        made(&home, &manifest, || {
            copy(&manifest, &home.join("package.json"))?;
            let npm =
                ["install", "--silent", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"];
            run(Command::new("npm").args(npm).current_dir(&home)).map_err(|why| {
                missing("an npm package", "install Node.js 20 or later; see xtask/peers/package.json", &why)
            })
        })?;
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
        let home = self.home.join("bin");
        let program = home.join("h2spec");
        if !program.is_file() {
            let what = format!("{H2SPEC}@{H2SPEC_VERSION}");
            run(Command::new("go").args(["install", &what]).env("GOBIN", &home))
                .map_err(|why| missing("h2spec", &format!("install Go, then: go install {what}"), &why))?;
        }
        Ok(program)
    }
}

/// Makes a folder anew, unless it was made from the same list before.
fn made(home: &Path, list: &Path, make: impl FnOnce() -> Result<(), Missing>) -> Result<(), Missing> {
    let from = home.join("made-from");
    let wanted = std::fs::read(list).map_err(|error| Error::file("read", list, error).to_string())?;
    if std::fs::read(&from).is_ok_and(|was| was == wanted) {
        return Ok(());
    }
    println!("installing what {} lists", list.display());
    std::fs::create_dir_all(home).map_err(|error| Error::file("make", home, error).to_string())?;
    make()?;
    std::fs::write(&from, wanted).map_err(|error| Error::file("write", &from, error).to_string())
}

fn copy(from: &Path, to: &Path) -> Result<(), Missing> {
    std::fs::copy(from, to).map(drop).map_err(|error| Error::file("write", to, error).to_string())
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it failed silently").to_owned())
}

fn missing(what: &str, how: &str, why: &str) -> Missing {
    format!("{what} is missing ({how}; {why})")
}
