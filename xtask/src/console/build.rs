//! `console/dist/app`, which the build of ondol-server takes in.

use crate::error::Error;
use crate::workspace;
use std::path::Path;
use std::process::Command;

/// Installs what the lock file names and builds.
///
/// # Errors
/// If Node.js is missing, or the build fails; its own words stand above.
pub(crate) fn build(root: &Path) -> Result<(), Error> {
    install(root)?;
    npm(root, &["run", "build"])
}

/// What needs no browser: types, and the tests of pure functions.
///
/// # Errors
/// If one fails; its own words stand above.
pub(crate) fn units(root: &Path) -> Result<(), Error> {
    install(root)?;
    npm(root, &["run", "check"])?;
    npm(root, &["test"])
}

/// Installs what the lock file names, unless that is what is there.
fn install(root: &Path) -> Result<(), Error> {
    let changed = |name: &str| std::fs::metadata(root.join("console").join(name)).ok()?.modified().ok();
    let installed = changed("node_modules/.package-lock.json");
    if installed.is_some() && installed >= changed("package-lock.json") { Ok(()) } else { npm(root, &["ci"]) }
}

/// Builds it if Node.js is there; else says what the binary will do without. For what needs a console less than it needs
/// to go on.
pub(crate) fn built(root: &Path) {
    if let Err(error) = build(root) {
        println!("The binary will have no console, and its page will say how to get it: {error}");
    }
}

/// Builds the console, and the binary that is shipped with it.
///
/// # Errors
/// If either fails.
pub(crate) fn dist(root: &Path) -> Result<(), Error> {
    build(root)?;
    let arguments = ["build", "--profile", "dist", "-p", "ondol"];
    let failed = |why: String| Error::program(format!("cargo {}", arguments.join(" ")), why);
    let status = workspace::cargo(root, &arguments).status().map_err(|error| failed(error.to_string()))?;
    if !status.success() {
        return Err(failed(format!("{status}; the reason stands above")));
    }
    println!("target/dist/ondol");
    Ok(())
}

fn npm(root: &Path, arguments: &[&str]) -> Result<(), Error> {
    let name = || format!("npm {}", arguments.join(" "));
    let failed = |why: String| Error::program(name(), why);
    let status = Command::new("npm")
        .args(arguments)
        .current_dir(root.join("console"))
        .status()
        .map_err(|error| failed(format!("{error}; the console needs Node.js 20.19 or later")))?;
    if status.success() { Ok(()) } else { Err(failed(format!("{status}; the reason stands above"))) }
}
