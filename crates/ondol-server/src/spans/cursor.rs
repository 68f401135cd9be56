//! How far the spans have followed the log: eight bytes in a file, replaced in one step.

use std::io;
use std::path::{Path, PathBuf};

use ondol_store::log::Position;

/// Where it stands. It may fall behind over a crash, never run ahead: it moves after the spans are durable.
#[derive(Debug)]
pub(super) struct Cursor {
    path: PathBuf,
    position: Position,
}

impl Cursor {
    /// Reads it. One that is not there, or is no position, begins anew: spans that come again are known.
    pub(super) fn open(path: PathBuf) -> Self {
        let bytes = std::fs::read(&path).ok();
        let bytes: Option<[u8; 8]> = bytes.and_then(|bytes| bytes.as_slice().try_into().ok());
        Self { path, position: Position(bytes.map_or(0, u64::from_be_bytes)) }
    }

    pub(super) const fn position(&self) -> Position {
        self.position
    }

    /// Moves it. A write that fails is tried again with the next move; until then a start repeats what it need not.
    pub(super) fn advance(&mut self, position: Position) -> io::Result<()> {
        self.position = position;
        write(&self.path, &position.0.to_be_bytes())
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    std::fs::write(&beside, bytes)?;
    std::fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_where_it_stood() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cursor");
        let mut cursor = Cursor::open(path.clone());
        assert_eq!(cursor.position(), Position(0));
        cursor.advance(Position(7)).unwrap();
        assert_eq!(Cursor::open(path.clone()).position(), Position(7));
        std::fs::write(&path, b"torn").unwrap();
        assert_eq!(Cursor::open(path).position(), Position(0));
    }
}
