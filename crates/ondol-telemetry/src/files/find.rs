//! Which files there are.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use glob::MatchOptions;
use serde::{Deserialize, Serialize};

use super::PATHS_MAX;

/// What a file is called by the disk: it keeps this when it is renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Id {
    device: u64,
    inode: u64,
}

impl Id {
    pub(super) fn of(metadata: &std::fs::Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// Patterns mean here what they mean in a shell.
const MATCHES: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// What rotation leaves behind: its lines were read before it was compressed.
const COMPRESSED: [&str; 5] = ["gz", "zst", "xz", "bz2", "lz4"];

/// What a pattern names.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// Files, newest first.
    pub(super) found: Vec<(PathBuf, Id)>,
    /// What could not be looked at.
    pub(super) failed: Vec<(PathBuf, io::Error)>,
}

pub(super) fn files(pattern: &str) -> Looked {
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    let Ok(paths) = glob::glob_with(pattern, MATCHES) else { return Looked::default() };
    for path in paths.take(PATHS_MAX) {
        let looked = path.map_err(|error| (error.path().to_owned(), error.into()));
        let looked = looked.and_then(|path| match std::fs::metadata(&path) {
            Ok(metadata) => Ok((path, metadata)),
            Err(error) => Err((path, error)),
        });
        match looked {
            Ok((path, metadata)) if metadata.is_file() && !is_compressed(&path) => {
                let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                found.push((modified, path, Id::of(&metadata)));
            }
            Ok(_) => {}
            Err((_, error)) if error.kind() == io::ErrorKind::NotFound => {}
            Err(failure) => failed.push(failure),
        }
    }
    found.sort_by(|left, right| (right.0, &left.1).cmp(&(left.0, &right.1)));
    Looked { found: found.into_iter().map(|(_, path, id)| (path, id)).collect(), failed }
}

/// A file that was renamed, in the folder in which it was.
pub(super) fn renamed(path: &Path, id: Id) -> Option<PathBuf> {
    let entries = std::fs::read_dir(path.parent()?).ok()?.take(PATHS_MAX).flatten();
    let mut entries = entries.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)));
    entries.find(|(_, metadata)| metadata.is_file() && Id::of(metadata) == id).map(|(path, _)| path)
}

fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|end| COMPRESSED.iter().any(|compressed| end == *compressed))
}
