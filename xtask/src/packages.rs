//! Programs of the system that tests and proofs need: installed where we may, told where we may not.

use std::path::Path;
use std::process::{Command, Stdio};

/// A program that something looks for, and the Debian package that has it.
#[derive(Debug)]
pub(crate) struct Need {
    pub(crate) what: &'static str,
    pub(crate) program: &'static str,
    pub(crate) package: &'static str,
}

/// What the tests need.
pub(crate) const TESTS: Need =
    Need { what: "the barrier on a real PostgreSQL server", program: "initdb", package: "postgresql" };

impl Need {
    /// Is the program there?
    pub(crate) fn met(&self) -> bool {
        there(self.program)
    }

    /// Installs it where it is missing, if we are root on Debian; says whether it is there now.
    pub(crate) fn meet(&self) -> bool {
        let may = || rustix::process::geteuid().is_root() && Path::new("/etc/debian_version").is_file();
        let install = ["install", "--yes", "--no-install-recommends", self.package];
        self.met() || (may() && apt(&["update"]) && apt(&install) && self.met())
    }
}

impl std::fmt::Display for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: it needs Debian package {}", self.what, self.package)
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
    let usual = ["/usr/local/bin", "/usr/bin", "/usr/sbin"].into_iter().map(Into::into);
    debian.chain(usual).any(|folder: std::path::PathBuf| folder.join(program).is_file())
}
