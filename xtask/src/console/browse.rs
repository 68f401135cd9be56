//! The console in a real browser, against the real binary with the airline.

use super::{build, stage::Stage};
use crate::error::Error;
use crate::packages::Need;
use crate::print::Print;
use crate::process::Program;
use crate::stack::{Unit, free};
use crate::workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a browser needs.
const NEEDS: [Need; 2] = [
    Need { what: "the console in a browser", program: "chromium", package: "chromium" },
    Need {
        what: "Korean on screenshots",
        program: "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        package: "fonts-noto-cjk",
    },
];

/// What the guarded server wants; it is on this machine only, and ends with the tests.
const TOKEN: &str = "a-token-for-the-tests-of-the-console";

/// Drives every path.
///
/// # Errors
/// If the stage does not come up, or a path does not lead where it should; Playwright's words stand above.
pub(crate) fn test(root: &Path, only: Option<&str>) -> Result<(), Error> {
    let mut arguments = vec!["--project", "paths"];
    arguments.extend(only.into_iter().flat_map(|name| ["-g", name]));
    on_stage(root, &arguments, None)
}

/// Photographs every page, in both themes and at two widths, into a folder.
///
/// # Errors
/// As for [`test`].
pub(crate) fn screenshots(root: &Path, folder: &Path) -> Result<(), Error> {
    on_stage(root, &["--project", "screenshots"], Some(folder))?;
    println!("They are in {}: look at them.", folder.display());
    Ok(())
}

fn on_stage(root: &Path, arguments: &[&str], folder: Option<&Path>) -> Result<(), Error> {
    needs()?;
    build::build(root)?;
    workspace::directory("ondol-console-", |directory| {
        let stage = Stage::set(&Print::for_stdout(), root, directory)?;
        let guarded = guarded(root, directory)?;
        let mut variables = vec![
            ("ONDOL_URL", format!("http://{}", stage.stack.ondol.address())),
            ("ONDOL_GUARDED_URL", format!("http://{}", guarded.address())),
            ("ONDOL_GUARDED_TOKEN", TOKEN.to_owned()),
        ];
        variables.extend(folder.map(|folder| ("SCREENSHOTS", folder.display().to_string())));
        playwright(root, arguments, &variables)
    })
}

/// Runs Playwright's tests with these variables.
///
/// # Errors
/// If one fails; Playwright's words stand above.
pub(crate) fn playwright(root: &Path, arguments: &[&str], variables: &[(&str, String)]) -> Result<(), Error> {
    needs()?;
    let mut command = Command::new("npx");
    command.args(["playwright", "test"]).args(arguments).current_dir(root.join("console"));
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let failed = |why: String| Error::program("playwright test", why);
    let status = command.status().map_err(|error| failed(error.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(format!("{status}; what failed stands above"))) }
}

/// Is there a browser? Installs it where we may.
///
/// # Errors
/// If there is none, with the package that has it.
pub(crate) fn needs() -> Result<(), Error> {
    let missing = NEEDS.iter().find(|need| !need.meet());
    missing.map_or(Ok(()), |need| Err(Error::Failed(need.to_string())))
}

/// A server with nothing in it, which wants a token.
fn guarded(root: &Path, directory: &Path) -> Result<Unit, Error> {
    let binaries = workspace::build(root, &["-p", "ondol", "-p", "airline"])?;
    let path: PathBuf =
        binaries.get("ondol").cloned().ok_or_else(|| Error::program("cargo build", "it made no ondol"))?;
    // A folder of its own: the stage's has a system file, which the server would take.
    let directory = &directory.join("guarded");
    std::fs::create_dir_all(directory).map_err(|error| Error::file("create", directory, error))?;
    let token = directory.join("token");
    std::fs::write(&token, TOKEN).map_err(|error| Error::file("write", &token, error))?;
    let address = free(1)?[0];
    let mut arguments: Vec<std::ffi::OsString> = vec!["serve".into(), "--json".into()];
    for (flag, value) in [
        ("--listen", address.to_string()),
        ("--data", "guarded-data".to_owned()),
        ("--token-file", token.display().to_string()),
        ("--proxy", "none".to_owned()),
        ("--otlp-grpc", "none".to_owned()),
        ("--otlp-http", "none".to_owned()),
    ] {
        arguments.extend([flag.into(), value.into()]);
    }
    let log = directory.join("guarded.log");
    let program = Program { name: "ondol", path, arguments, directory: directory.clone(), log };
    Unit::start(program, address)
}
