//! The programs of others that services are run with.

use crate::error::Error;
use crate::packages::Need;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What most services are written in.
const NODE: Need = Need { what: "services in JavaScript", program: "node", package: "nodejs" };

/// What Python's own installer stands in.
const VENV: &str = "gRPC's service in Python: it needs Debian package python3-venv, and grpcio";

/// Node.js is there.
///
/// # Errors
/// [`Error::Skipped`] where it is not, and cannot be installed.
pub(super) fn node() -> Result<(), Error> {
    if NODE.meet() { Ok(()) } else { Err(Error::Skipped(NODE.to_string())) }
}

/// A Python with what `requirements.txt` lists, in a virtual environment that is made once.
///
/// # Errors
/// [`Error::Skipped`] where it cannot be made.
pub(super) fn python(root: &Path, peers: &Path) -> Result<PathBuf, Error> {
    let (home, list) = (root.join("target/faults/venv"), peers.join("requirements.txt"));
    let (python, made_from) = (home.join("bin/python"), home.join("made-from"));
    let wanted = std::fs::read(&list).map_err(|error| Error::file("read", &list, error))?;
    if std::fs::read(&made_from).is_ok_and(|made| made == wanted) {
        return Ok(python);
    }
    println!("installing what {} lists", list.display());
    let make =
        Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home).stdin(Stdio::null()).output();
    let pip = || {
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        Command::new(&python).args(install).arg(&list).stdin(Stdio::null()).output()
    };
    for output in [make, pip()] {
        let output = output.map_err(|error| Error::Skipped(format!("{VENV} ({error})")))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let why = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it failed silently");
            return Err(Error::Skipped(format!("{VENV} ({why})")));
        }
    }
    std::fs::write(&made_from, wanted).map_err(|error| Error::file("write", &made_from, error))?;
    Ok(python)
}
