//! Programs of others, installed under `target/` at the versions that our lists name; said where they cannot be.

use crate::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is missing and how to get it, for people.
pub(crate) type Missing = String;

/// A Python with the packages of a list.
///
/// # Errors
/// If there is none and none can be made.
pub(crate) fn python(home: &Path, requirements: &Path) -> Result<PathBuf, Missing> {
    let python = home.join("bin/python");
    made(home, requirements, || {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home))
            .map_err(|why| missing("python3 with venv", "install Debian package python3-venv", &why))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        run(Command::new(&python).args(pip).arg(requirements)).map_err(|why| {
            let how = format!("see {}, for Python 3.10 or later", requirements.display());
            missing("a Python package", &how, &why)
        })
    })?;
    Ok(python)
}

/// A folder with the JavaScript packages of a manifest; scripts must stand beside them.
///
/// # Errors
/// If they cannot be installed.
pub(crate) fn javascript(home: &Path, manifest: &Path) -> Result<PathBuf, Missing> {
    made(home, manifest, || {
        copy(manifest, &home.join("package.json"))?;
        let npm = ["install", "--silent", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"];
        run(Command::new("npm").args(npm).current_dir(home)).map_err(|why| {
            let how = format!("install Node.js 20 or later; see {}", manifest.display());
            missing("an npm package", &how, &why)
        })
    })?;
    Ok(home.to_owned())
}

/// A program of a Go module, such as `host/path@version`.
///
/// # Errors
/// If it cannot be installed.
pub(crate) fn go(home: &Path, name: &str, module: &str) -> Result<PathBuf, Missing> {
    let program = home.join(name);
    if !program.is_file() {
        run(Command::new("go").args(["install", module]).env("GOBIN", home))
            .map_err(|why| missing(name, &format!("install Go, then: go install {module}"), &why))?;
    }
    Ok(program)
}

/// A jar of Maven Central, such as `group:artifact:version`.
///
/// # Errors
/// If it cannot be had.
pub(crate) fn jar(home: &Path, group: &str, artifact: &str, version: &str) -> Result<PathBuf, Missing> {
    let jar = home.join(format!("{artifact}-{version}.jar"));
    if !jar.is_file() {
        let copy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";
        let what = format!("-Dartifact={group}:{artifact}:{version}:jar");
        let into = format!("-DoutputDirectory={}", home.display());
        run(Command::new("mvn").args(["-B", "-q", copy, &what, &into]))
            .map_err(|why| missing(artifact, "install Debian packages maven and a JDK 17 or later", &why))?;
    }
    Ok(jar)
}

/// Makes a folder anew, unless it was made from the same list before.
///
/// # Errors
/// If it cannot be made.
pub(crate) fn made(
    home: &Path,
    list: &Path,
    make: impl FnOnce() -> Result<(), Missing>,
) -> Result<(), Missing> {
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

/// Copies a file.
///
/// # Errors
/// If it cannot be.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Missing> {
    std::fs::copy(from, to).map(drop).map_err(|error| Error::file("write", to, error).to_string())
}

/// Runs a program that installs something.
///
/// # Errors
/// With its last words.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it failed silently").to_owned())
}

/// The words for what could not be installed.
pub(crate) fn missing(what: &str, how: &str, why: &str) -> Missing {
    format!("{what} is missing ({how}; {why})")
}
