//! Where we are, cargo, and a place for what a run leaves behind.

use crate::error::Error;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the repository, from where the binary was built.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("xtask stands in the workspace").to_owned()
}

/// The cargo that built us, with these arguments, in the workspace.
pub(crate) fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(root);
    command
}

/// Builds binaries, with cargo's own progress on the terminal, and says where each is.
///
/// # Errors
/// If the build fails; cargo has said why.
pub(crate) fn build(root: &Path, arguments: &[&str]) -> Result<BTreeMap<String, PathBuf>, Error> {
    let all = [&["build", "--bins", "--message-format=json-render-diagnostics"], arguments].concat();
    let failed = |why: String| Error::program(format!("cargo {}", all.join(" ")), why);
    let output =
        cargo(root, &all).stderr(Stdio::inherit()).output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(format!("{}; the reason stands above", output.status)));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let binary = |message: Value| {
        let path = message["executable"].as_str()?;
        Some((message["target"]["name"].as_str()?.to_owned(), PathBuf::from(path)))
    };
    Ok(messages.filter_map(binary).collect())
}

/// Two programs: Ondol, built here unless somebody has built it elsewhere, and one of `ondol-bench`.
///
/// # Errors
/// If the build fails; cargo has said why.
pub(crate) fn pair(root: &Path, ondol: Option<&Path>, other: &str) -> Result<(PathBuf, PathBuf), Error> {
    pair_of(root, &[], ondol, other)
}

/// The same, with further arguments for cargo's build, such as `--release`.
///
/// # Errors
/// If the build fails; cargo has said why.
pub(crate) fn pair_of(
    root: &Path,
    how: &[&str],
    ondol: Option<&Path>,
    other: &str,
) -> Result<(PathBuf, PathBuf), Error> {
    let mut arguments = [how, &["-p", "ondol-bench"]].concat();
    if ondol.is_none() {
        arguments.extend(["-p", "ondol"]);
    }
    let built = build(root, &arguments)?;
    let of = |name: &str| {
        let path = built.get(name).cloned();
        path.ok_or_else(|| Error::program("cargo build", format!("it made no binary {name}")))
    };
    Ok((ondol.map_or_else(|| of("ondol"), |ondol| Ok(ondol.to_owned()))?, of(other)?))
}

/// Does something in a directory of its own. It is removed if all went well, and kept where something must be looked at.
///
/// # Errors
/// Those of `work`, or that there is no directory.
pub(crate) fn directory(prefix: &str, work: impl FnOnce(&Path) -> Result<(), Error>) -> Result<(), Error> {
    let made = tempfile::Builder::new().prefix(prefix).tempdir();
    let mut made = made.map_err(|error| Error::file("make", &std::env::temp_dir(), error))?;
    // Kept whatever happens, also if we are killed.
    made.disable_cleanup(true);
    println!("data, logs and the system file are in {}", made.path().display());
    let result = work(made.path());
    match &result {
        Ok(()) => made.disable_cleanup(false),
        Err(_) => println!("data and logs are kept in {}", made.path().display()),
    }
    result
}

/// A program given by its path; programs are started in other folders, so the path is made whole.
///
/// # Errors
/// If there is no such file.
pub(crate) fn program(text: &str) -> Result<PathBuf, String> {
    std::fs::canonicalize(text).map_err(|error| error.to_string())
}
