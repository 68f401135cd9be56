//! The archive of the day, unpacked once. It lies beside the repository, not in it: where it is absent, that is said.

use crate::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where it is, seen from the repository, unless somebody says otherwise.
const FOLDER: &str = "../shared/data/nezha";

const FILE: &str = "train-ticket-2023-01-29.tar.xz";

/// Where the day is.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Archive {
    /// The folder with train-ticket-2023-01-29.tar.xz. Default: ../shared/data/nezha, seen from the repository
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// The folder `target/nezha/day` with the day in it.
///
/// # Errors
/// [`Error::Skipped`] where the archive is absent.
pub(crate) fn unpacked(root: &Path, options: &Archive) -> Result<PathBuf, Error> {
    let folder = options.data.clone().unwrap_or_else(|| root.join(FOLDER));
    let archive = folder.join(FILE);
    let day = root.join("target/nezha/day");
    if day.join("complete").is_file() {
        return Ok(day);
    }
    if !archive.is_file() {
        return Err(Error::Skipped(format!(
            "the Nezha day: there is no {}; give its folder with --data",
            archive.display()
        )));
    }
    println!("unpacking {}", archive.display());
    std::fs::create_dir_all(&day).map_err(|error| Error::file("make", &day, error))?;
    let status = Command::new("tar").arg("-xJf").arg(&archive).arg("-C").arg(&day).status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(Error::program("tar", format!("{status}; the reason stands above"))),
        Err(error) => return Err(Error::program("tar", format!("{error}; install tar and xz-utils"))),
    }
    let complete = day.join("complete");
    std::fs::write(&complete, []).map_err(|error| Error::file("write", &complete, error))?;
    Ok(day)
}
