//! Cutting off a torn end of the store's journal.
//!
//! When the power fails during a sync, the disk may have any part of the batch that was being written. The
//! store discards a batch whose end is missing, but refuses to open when the middle is. No one was ever told
//! that this batch is durable, so it may go: it is cut off and kept beside the journal, and the cut is undone
//! unless it makes the store whole. A last batch that was synced and damaged later looks the same; so the cut is told
//! ([`Cut::kept`]), and whoever knows that more had been durable can say so.
//!
//! Damage anywhere else is an error. The store itself takes some of it for the end of a journal and cuts off everything
//! behind it, so [`check`] looks before the store is opened, and keeps what the store would cut off without a word.
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

/// How every batch ends: the last bytes of its end entry.
const TRAILER: &[u8] = b"FJL\x03";

/// A journal without its last batch.
#[derive(Debug)]
pub(super) struct Cut {
    journal: PathBuf,
    at: u64,
    torn: Vec<u8>,
    kept: PathBuf,
}

/// A journal is damaged where only batches lie that had been durable.
#[derive(Debug, thiserror::Error)]
#[error(
    "the journal {path} is damaged at byte {at}, before its end; restore the data directory from a backup",
    path = path.display()
)]
pub(super) struct Damaged {
    path: PathBuf,
    at: u64,
}

/// Looks for damage that the store would not notice. Returns where it put what lies behind the last whole entry of the
/// newest journal, if anything does.
pub(super) fn check(store: &Path) -> io::Result<Option<PathBuf>> {
    let journals = if store.exists() { journals(store)? } else { Vec::new() };
    let newest = journals.last().map(|(number, _)| *number);
    for (number, path) in journals {
        let content = fs::read(&path)?;
        let (end, whole) = batches_end(&content);
        let rest = &content[end..];
        let Some(last) = rest.iter().rposition(|byte| *byte != 0) else { continue };
        // Only the newest journal can have a batch that was never finished, and nothing can follow that one.
        if Some(number) != newest || has_next_batch(rest, whole) {
            let error = Damaged { path, at: end as u64 };
            return Err(io::Error::new(io::ErrorKind::InvalidData, error));
        }
        return keep(&path, end as u64, &rest[..=last]).map(Some);
    }
    Ok(None)
}

/// Writes what is cut off beside the journal, under a name that the store does not take for a journal, and another one for
/// each cut.
fn keep(journal: &Path, at: u64, torn: &[u8]) -> io::Result<PathBuf> {
    let kept = journal.with_extension(format!("{at}.torn"));
    let mut copy = File::create(&kept)?;
    copy.write_all(torn)?;
    copy.sync_all()?;
    Ok(kept)
}

/// Where the entries that can be told from their lengths come to an end, and the number of the last whole batch.
/// Behind it are zeros, or there is damage.
fn batches_end(content: &[u8]) -> (usize, Option<u64>) {
    let (mut at, mut begun, mut whole) = (0, None, None);
    while let Ok(Some(entry)) = entry_length(&mut &content[at..]) {
        let next = usize::try_from(entry.bytes).ok().and_then(|bytes| at.checked_add(bytes));
        let Some(next) = next.filter(|next| *next <= content.len()) else { break };
        if entry.tag == TAG_END {
            if !content[at..next].ends_with(TRAILER) {
                break;
            }
            whole = begun;
        }
        begun = batch_number(&content[at..]).or(begun);
        at = next;
    }
    (at, whole)
}

/// The number of the batch that begins here, if one does.
fn batch_number(entry: &[u8]) -> Option<u64> {
    // tag, items (4), sequence number (8)
    let (&[tag, _, _, _, _], rest) = entry.split_first_chunk()?;
    (tag == TAG_START).then(|| rest.first_chunk().map(|number| u64::from_le_bytes(*number)))?
}

/// Batches are numbered one after the other; this leaves room for numbers that the store uses itself.
const BATCHES_BETWEEN_MAX: u64 = 4_096;

/// Does another batch begin in there, behind the one that is broken? Each is synced before the next is begun, so the broken
/// one had been durable. Payloads are JSON and have no such bytes.
fn has_next_batch(rest: &[u8], whole: Option<u64>) -> bool {
    let follows = |number: u64| match whole {
        Some(whole) => number.checked_sub(whole).is_some_and(|ahead| ahead <= BATCHES_BETWEEN_MAX),
        None => true,
    };
    (1..rest.len())
        .any(|at| batch_number(&rest[at..]).is_some_and(follows) && rest.get(at + 13) == Some(&TAG_ITEM))
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
    let Some((_, journal)) = journals(store)?.pop() else { return Ok(None) };
    let Some(at) = last_batch(BufReader::new(File::open(&journal)?))? else { return Ok(None) };
    let mut torn = Vec::new();
    let mut file = File::options().read(true).write(true).open(&journal)?;
    file.seek(SeekFrom::Start(at))?;
    file.read_to_end(&mut torn)?;
    let kept = keep(&journal, at, &torn)?;
    file.set_len(at)?;
    file.sync_all()?;
    Ok(Some(Cut { journal, at, torn, kept }))
}

impl Cut {
    /// Puts the batch back.
    pub(super) fn undo(self) -> io::Result<()> {
        let mut file = File::options().write(true).open(&self.journal)?;
        file.set_len(self.at)?;
        file.seek(SeekFrom::Start(self.at))?;
        file.write_all(&self.torn)?;
        file.sync_all()?;
        fs::remove_file(self.kept)
    }

    /// Where the batch is kept.
    pub(super) fn kept(self) -> PathBuf {
        self.kept
    }
}

/// The journals by their numbers, oldest first.
fn journals(store: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut journals = Vec::new();
    for file in fs::read_dir(store)? {
        let path = file?.path();
        let number =
            path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<u64>().ok());
        let is_journal = path.extension().is_some_and(|extension| extension == "jnl");
        if let Some(number) = number.filter(|_| is_journal) {
            journals.push((number, path));
        }
    }
    journals.sort_unstable();
    Ok(journals)
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
