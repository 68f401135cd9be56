//! How far each file was read: `offsets.json`, replaced as a whole.

use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::find::Id;

/// The version of the format. A file of another version is not read.
const VERSION: u32 = 1;

/// All that is remembered.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Offsets {
    version: u32,
    /// Patterns that were looked for before: files that appear under them are new.
    pub(super) patterns: Vec<String>,
    pub(super) files: Vec<Place>,
}

/// How far one file was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The pattern that found it.
    pub(super) pattern: String,
    /// Where it was found first.
    pub(super) path: String,
    pub(super) id: Id,
    /// Bytes that are done with.
    pub(super) offset: u64,
    /// Does the offset lie within a line whose rest is left out?
    pub(super) mid_line: bool,
    pub(super) head: Head,
    /// What was about to be sent, and may have been.
    pub(super) sent: Option<Sent>,
}

/// The first bytes of a file, by which another one in its place is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    bytes: u32,
    digest: u64,
}

impl Head {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u32, digest: xxh3_64(bytes) }
    }

    /// How many bytes are known.
    pub(super) const fn len(self) -> usize {
        self.bytes as usize
    }
}

/// A piece of a file that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sent {
    /// Where it ends.
    pub(super) to: u64,
    pub(super) mid_line: bool,
    /// When it was read: nanoseconds since 1970.
    pub(super) at_ns: u64,
}

impl Offsets {
    pub(super) const fn new(patterns: Vec<String>, files: Vec<Place>) -> Self {
        Self { version: VERSION, patterns, files }
    }

    /// Reads them; empty where there are none, or none that can be read, which is said.
    pub(super) fn read(path: &Path) -> Self {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::default(),
            Err(error) => {
                forgotten(path, &error);
                return Self::default();
            }
        };
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(offsets) if offsets.version == VERSION => offsets,
            Ok(offsets) => {
                forgotten(path, &format_args!("its version is {}", offsets.version));
                Self::default()
            }
            Err(error) => {
                forgotten(path, &error);
                Self::default()
            }
        }
    }

    /// Writes them: a crash leaves the old ones or the new ones.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let beside = path.with_extension("new");
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        match path.parent() {
            Some(folder) => std::fs::File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }
}

fn forgotten(path: &Path, why: &dyn std::fmt::Display) {
    tracing::error!(
        path = %path.display(), %why,
        "how far log files were read is not known: they are followed from where they end now, or from their start where \
         the system file says so, and then lines may be there twice"
    );
}
