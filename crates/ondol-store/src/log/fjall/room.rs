//! The free space of the disk, and a ballast that is thrown off when there is none.
//!
//! Work that was accepted has to be finished or undone, and both need appends. So new work stops being
//! accepted while there is still room, and when even that is used up the ballast is released.

use crate::log::Space;
use rustix::fs::{FallocateFlags, fallocate, fstatvfs};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Below this many free bytes no new work is accepted: 1 KiB for each of 250,000 open streams to end.
pub const FREE_BYTES_MIN: u64 = 256 << 20;

/// The size of the ballast, in bytes: one journal file of the store, so that it can always go on to a next.
pub const BALLAST_BYTES: u64 = 64 << 20;

/// Below this many free bytes the ballast is released.
pub const BALLAST_RELEASE_BELOW_BYTES: u64 = 64 << 20;

/// From here the ballast is made again: making it does not stop acceptance.
const BALLAST_MAKE_FROM_BYTES: u64 = FREE_BYTES_MIN + BALLAST_BYTES;

#[derive(Debug)]
pub(super) struct Room {
    directory: File,
    ballast: PathBuf,
}

impl Room {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { directory: File::open(path)?, ballast: path.join("ballast") })
    }

    /// One `fstatvfs`, about a microsecond: asking each time is never out of date.
    pub(super) fn space(&self) -> Space {
        let free_bytes = self.free_bytes();
        Space { free_bytes, accepting: free_bytes >= FREE_BYTES_MIN }
    }

    /// Releases or makes the ballast, as the free space wants. What fails here is tried again at the next
    /// batch: the ballast is a help, not a promise.
    pub(super) fn settle(&self) {
        let free_bytes = self.free_bytes();
        if free_bytes < BALLAST_RELEASE_BELOW_BYTES {
            self.release();
        } else if free_bytes >= BALLAST_MAKE_FROM_BYTES && !self.ballast.exists() {
            let made = File::create(&self.ballast)
                .and_then(|file| Ok(fallocate(file, FallocateFlags::empty(), 0, BALLAST_BYTES)?));
            if made.is_err() {
                self.release();
            }
        }
    }

    /// Gives the ballast back to the disk.
    pub(super) fn release(&self) {
        let _ = fs::remove_file(&self.ballast);
    }

    /// A disk that cannot be asked counts as full.
    fn free_bytes(&self) -> u64 {
        fstatvfs(&self.directory).map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}
