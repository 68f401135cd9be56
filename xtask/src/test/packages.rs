//! Programs of the system that tests need: installed where we may, told where we may not.

use super::heading;
use std::path::Path;
use std::process::{Command, Stdio};

/// A program that a test looks for, and the Debian package that has it.
struct Need {
    what: &'static str,
    program: &'static str,
    package: &'static str,
}

const NEEDS: &[Need] =
    &[Need { what: "the barrier on a real PostgreSQL server", program: "initdb", package: "postgresql" }];

/// Installs what is missing, if we are root on Debian. The test that goes without says SKIPPED itself.
pub(super) fn install() {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !there(need.program)).collect();
    if missing.is_empty() {
        return;
    }
    heading("packages");
    let may = rustix::process::geteuid().is_root() && Path::new("/etc/debian_version").is_file();
    let updated = may && apt(&["update"]);
    for need in missing {
        let installed = updated && apt(&["install", "--yes", "--no-install-recommends", need.package]);
        if !(installed && there(need.program)) {
            println!("{} will be SKIPPED: it needs Debian package {}", need.what, need.package);
        }
    }
}

fn apt(arguments: &[&str]) -> bool {
    let mut command = Command::new("apt-get");
    command.args(["--quiet", "--quiet"]).args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command.stdin(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Where the tests look: the usual folders, and Debian's folders of each version of PostgreSQL.
fn there(program: &str) -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = versions.map(|version| version.path().join("bin"));
    let usual = ["/usr/local/bin", "/usr/bin"].into_iter().map(Into::into);
    debian.chain(usual).any(|folder: std::path::PathBuf| folder.join(program).is_file())
}
