//! A small disk of our own, and files that fill it.

use crate::clock::wait_for;
use crate::error::Error;
use rustix::fs::{FallocateFlags, fallocate, statvfs};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Size of the disk: Ondol's store with its ballast takes a quarter, and what it wants to be free is 256 MiB.
const DISK_BYTES: u64 = 640 << 20;

/// What is left to single writes when a disk is filled to its end: a file system keeps some for itself.
const BY_WRITING_BYTES: u64 = 8 << 20;

/// How long a program that was killed may keep the disk busy.
const BUSY_MAX: Duration = Duration::from_secs(5);

/// A mounted file system, gone when dropped. Whoever works on it must have ended.
pub(crate) struct Disk {
    at: PathBuf,
    /// What it is, for people.
    pub(crate) kind: &'static str,
}

impl Disk {
    /// Mounts one: ext4 in a file, which keeps room for later as real disks do, or memory where that cannot be.
    ///
    /// # Errors
    /// [`Error::Skipped`] where we may mount neither.
    pub(crate) fn mount(directory: &Path) -> Result<Self, Error> {
        Self::mount_of(directory, DISK_BYTES)
    }

    /// The same, of this size.
    ///
    /// # Errors
    /// [`Error::Skipped`] where we may mount neither.
    pub(crate) fn mount_of(directory: &Path, bytes: u64) -> Result<Self, Error> {
        let (at, image) = (directory.join("disk"), directory.join("disk.img"));
        std::fs::create_dir(&at).map_err(|error| Error::file("make", &at, error))?;
        let ext4 = || {
            File::create(&image).and_then(|file| file.set_len(bytes)).map_err(|error| error.to_string())?;
            // Nothing is kept for root, who would see more free space than there is.
            run("mkfs.ext4", &["-q".as_ref(), "-F".as_ref(), "-m".as_ref(), "0".as_ref(), image.as_ref()])?;
            run("mount", &["-o".as_ref(), "loop".as_ref(), image.as_ref(), at.as_ref()])
        };
        let size = format!("size={bytes}");
        let tmpfs = || {
            let how = ["-t", "tmpfs", "-o", &size, "ondol"].map(OsStr::new);
            run("mount", &[how.as_slice(), &[at.as_ref()]].concat())
        };
        let kind = ext4().map(|()| "ext4 in a file").or_else(|no_ext4| {
            tmpfs().map(|()| "tmpfs").map_err(|no_tmpfs| {
                Error::Skipped(format!(
                    "a full disk: cannot mount one ({no_ext4}; {no_tmpfs}); run it as root"
                ))
            })
        })?;
        Ok(Self { at, kind })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.at
    }

    /// Bytes that are free.
    pub(crate) fn free_bytes(&self) -> u64 {
        statvfs(&self.at).map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Leaves only so much free.
    ///
    /// # Errors
    /// If it cannot be filled.
    pub(crate) fn fill_to(&self, left_bytes: u64) -> Result<(), Error> {
        let path = self.at.join("filler");
        let failed = |error| Error::file("write", &path, error);
        let mut file = File::options().create(true).append(true).open(&path).map_err(failed)?;
        let has = file.metadata().map_err(failed)?.len();
        let more = self.free_bytes().saturating_sub(left_bytes.max(BY_WRITING_BYTES));
        if more > 0 {
            fallocate(&file, FallocateFlags::empty(), has, more).map_err(|error| failed(error.into()))?;
        }
        if left_bytes == 0 {
            for bytes in [64 << 10, 4 << 10, 1] {
                // Until there is no room for so many; whatever was promised is written out, so that it counts.
                while file.write_all(&vec![0; bytes]).is_ok() {}
                drop(file.sync_all());
            }
        }
        Ok(())
    }

    /// Frees what was filled.
    ///
    /// # Errors
    /// If the file cannot be removed.
    pub(crate) fn clear(&self) -> Result<(), Error> {
        let path = self.at.join("filler");
        std::fs::remove_file(&path).map_err(|error| Error::file("remove", &path, error))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if wait_for(BUSY_MAX, || run("umount", &[self.at.as_ref()]).ok()).is_none() {
            println!("cannot unmount {}; do it by hand", self.at.display());
        }
    }
}

fn run(program: &str, arguments: &[&OsStr]) -> Result<(), String> {
    let run = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = run.map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
