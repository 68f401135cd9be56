//! Where the records in a piece of a file end.

use memchr::memchr;

use super::{PARTIAL_NS, RECORDS_MAX, SETTLED_NS};
use crate::lines::{Joiner, Line};

/// What follows the piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// More, which is not read yet.
    More,
    /// Nothing yet, for so long, in nanoseconds.
    Quiet(u64),
    /// Nothing any more.
    Closed,
}

/// When and where the piece is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here {
    /// The time of lines that do not say theirs: nanoseconds since 1970.
    pub(super) at_ns: u64,
    /// Seconds east of UTC, for times that do not say theirs.
    pub(super) offset_s: i32,
}

/// Whole records, and how far they go.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) records: Vec<Line>,
    /// Bytes that are done with. Given alone, and closed, they are the same records again.
    pub(super) bytes: usize,
    /// Do they end within a line whose rest is to be left out?
    pub(super) mid_line: bool,
}

/// Takes the records out of a piece that begins with a record, or within a line that is left out.
pub(super) fn cut(piece: &[u8], mid_line: bool, end: End, here: Here) -> Cut {
    let mut at = 0;
    if mid_line {
        let Some(line) = memchr(b'\n', piece) else {
            return Cut { records: Vec::new(), bytes: piece.len(), mid_line: true };
        };
        at = line + 1;
    }
    let begin = at;
    let (mut joiner, mut records, mut bytes) = (Joiner::new(here.offset_s), Vec::new(), at);
    while let Some(length) = memchr(b'\n', &piece[at..]) {
        if let Some(record) = joiner.push(&piece[at..at + length], here.at_ns) {
            records.push(record);
            bytes = at;
        }
        if records.len() >= RECORDS_MAX {
            return Cut { records, bytes, mid_line: false };
        }
        at += length + 1;
    }
    let rest = &piece[at..];
    let endless = end == End::More && at == 0;
    let takes_rest = match end {
        End::More => endless,
        End::Quiet(ns) => ns >= PARTIAL_NS,
        End::Closed => true,
    };
    let takes_last = match end {
        // One record fills the piece: what comes after it is another one.
        End::More => endless || (bytes == begin && at > begin),
        End::Quiet(ns) => ns >= SETTLED_NS,
        End::Closed => true,
    };
    if takes_rest && !rest.is_empty() {
        records.extend(joiner.push(rest, here.at_ns));
        at = piece.len();
    }
    match joiner.finish() {
        Some(last) if takes_last => records.push(last),
        Some(_) => return Cut { records, bytes, mid_line: false },
        // Only empty lines.
        None => {}
    }
    Cut { records, bytes: at, mid_line: endless }
}
