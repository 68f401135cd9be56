//! Which exports came, in a file for each of the last two generations that were made to files: their segments, from which it
//! is known of others, are gone, and a sender that did not hear of a crash sends its last batch again.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use foldhash::HashSet;

use super::file;

/// Generations of which it is known.
const KEPT: u64 = 2;

fn path(wal: &Path, signal: &str, number: u64) -> PathBuf {
    wal.join(format!("{number:010}.{signal}.sent"))
}

/// Keeps the digests of a generation, and forgets those of one that is too old.
pub(crate) fn keep(wal: &Path, signal: &str, number: u64, digests: &HashSet<u128>) -> io::Result<()> {
    let bytes: Vec<u8> = digests.iter().flat_map(|digest| digest.to_le_bytes()).collect();
    file::write_whole(&path(wal, signal, number), |file| file.write_all(&bytes))?;
    match number.checked_sub(KEPT).map(|old| fs::remove_file(path(wal, signal, old))) {
        Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The digests of the generations before `next`. A file that is not there, or cut off, knows less.
pub(crate) fn read(wal: &Path, signal: &str, next: u64) -> HashSet<u128> {
    let files =
        (next.saturating_sub(KEPT)..next).filter_map(|number| fs::read(path(wal, signal, number)).ok());
    files
        .flat_map(|bytes| bytes.as_chunks().0.iter().copied().map(u128::from_le_bytes).collect::<Vec<_>>())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_two_generations_are_known() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..4 {
            keep(folder.path(), "logs", number, &HashSet::from_iter([u128::from(number), 7])).unwrap();
        }
        assert_eq!(read(folder.path(), "logs", 4), HashSet::from_iter([2, 3, 7]));
        assert_eq!(read(folder.path(), "traces", 4), HashSet::default());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
