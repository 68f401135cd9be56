//! Cutting off a torn end of the store's journal.
//!
//! When the power fails during a sync, the disk may have any part of the batch that was being written. The
//! store discards a batch whose end is missing, but refuses to open when the middle is. No one was ever told
//! that this batch is durable, so it may go: it is cut off and kept beside the journal, and the cut is undone
//! unless it makes the store whole. Damage anywhere else stays an error.
//!
//! This reads the journal of fjall 3 only as far as the lengths of its entries.

use fjall::JournalRecoveryError::{ChecksumMismatch, InsufficientLength, InvalidFileName, TooManyItems};
use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

const TAG_START: u8 = 1;
const TAG_ITEM: u8 = 2;
const TAG_END: u8 = 3;
const TAG_CLEAR: u8 = 4;

/// A journal without its last batch.
#[derive(Debug)]
pub(super) struct Cut {
    journal: PathBuf,
    at: u64,
    torn: Vec<u8>,
}

/// Whether `error` is what a batch that reached the disk in part looks like.
pub(super) fn is_torn(error: &fjall::Error) -> bool {
    let fjall::Error::JournalRecovery(reason) = error else { return false };
    match reason {
        ChecksumMismatch | InsufficientLength | TooManyItems => true,
        InvalidFileName => false,
    }
}

/// Cuts the last batch off the newest journal in `store`. `None` when there is nothing to cut.
pub(super) fn cut_last_batch(store: &Path) -> io::Result<Option<Cut>> {
    let Some(journal) = newest_journal(store)? else { return Ok(None) };
    let Some(at) = last_batch(BufReader::new(File::open(&journal)?))? else { return Ok(None) };
    let mut torn = Vec::new();
    let mut file = File::options().read(true).write(true).open(&journal)?;
    file.seek(SeekFrom::Start(at))?;
    file.read_to_end(&mut torn)?;
    // Not a name that the store takes for a journal.
    let mut kept = File::create(journal.with_extension("torn"))?;
    kept.write_all(&torn)?;
    kept.sync_all()?;
    file.set_len(at)?;
    file.sync_all()?;
    Ok(Some(Cut { journal, at, torn }))
}

impl Cut {
    /// Puts the batch back.
    pub(super) fn undo(self) -> io::Result<()> {
        let mut file = File::options().write(true).open(&self.journal)?;
        file.set_len(self.at)?;
        file.seek(SeekFrom::Start(self.at))?;
        file.write_all(&self.torn)?;
        file.sync_all()?;
        fs::remove_file(self.journal.with_extension("torn"))
    }
}

fn newest_journal(store: &Path) -> io::Result<Option<PathBuf>> {
    let mut newest = None;
    for file in fs::read_dir(store)? {
        let path = file?.path();
        let number =
            path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<u64>().ok());
        let is_journal = path.extension().is_some_and(|extension| extension == "jnl");
        if let Some(number) = number.filter(|_| is_journal) {
            newest = newest.max(Some((number, path)));
        }
    }
    Ok(newest.map(|(_, path)| path))
}

/// Where the last batch begins.
fn last_batch(mut journal: impl Read + Seek) -> io::Result<Option<u64>> {
    let length = journal.seek(SeekFrom::End(0))?;
    journal.rewind()?;
    let (mut at, mut last) = (0, None);
    loop {
        let entry = match entry_length(&mut journal) {
            Ok(Some(entry)) => entry,
            Ok(None) => return Ok(last),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(last),
            Err(error) => return Err(error),
        };
        if entry.tag == TAG_START {
            last = Some(at);
        }
        at += entry.bytes;
        if at >= length {
            return Ok(last);
        }
        journal.seek(SeekFrom::Start(at))?;
    }
}

struct Length {
    tag: u8,
    bytes: u64,
}

/// The length of the entry that begins here; `None` when none does.
fn entry_length(journal: &mut impl Read) -> io::Result<Option<Length>> {
    let mut tag = [0];
    journal.read_exact(&mut tag)?;
    let [tag] = tag;
    let bytes = match tag {
        // tag, items (4), sequence number (8); tag, checksum (8), trailer (4)
        TAG_START | TAG_END => 13,
        TAG_ITEM => {
            // kind (1), compression (1), keyspace (8), key (2), value (4), value as stored (4)
            let mut header = [0; 20];
            journal.read_exact(&mut header)?;
            let [.., k0, k1, _, _, _, _, v0, v1, v2, v3] = header;
            21 + u64::from(u16::from_le_bytes([k0, k1])) + u64::from(u32::from_le_bytes([v0, v1, v2, v3]))
        }
        // tag, keyspace (8)
        TAG_CLEAR => 9,
        _ => return Ok(None),
    };
    Ok(Some(Length { tag, bytes }))
}
