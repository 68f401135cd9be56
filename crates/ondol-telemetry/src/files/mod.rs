//! Log files, read as they grow: each line once, over rotation, truncation and a restart.
//!
//! ```text
//! pattern ─► find (who is there, by inode) ─► followed (one file, its offset) ─► cut (pure: bytes to records) ─► Export
//!                                                     └── offsets.json: how far, and what may have been sent ──┘
//! ```
//!
//! Whoever drives it asks [`Files::read`] for exports, makes them durable, and says so with [`Files::kept`]. What is about
//! to be sent is written down before, with the moment it was read: after a crash the same bytes become the same request
//! once more, and the store knows it. So no line is lost, and none is there twice.
//!
//! It sends nothing itself, and reads no clock. It blocks on files: to be called on a thread for that.

mod cut;
mod find;
mod followed;
mod offsets;
#[cfg(test)]
mod tests;
mod turn;

use bytes::Bytes;

pub use find::Id;
pub use turn::Files;

/// Files that are followed at once: a descriptor each, of the 1,024 that a process has where nobody raised it.
pub const FILES_MAX: usize = 512;
/// Paths of one pattern that are looked at: a folder with more is no folder of logs.
pub const PATHS_MAX: usize = 10_000;
/// Bytes of a file that are read at once, and the most of one line; what is longer is cut.
pub const CHUNK_BYTES: usize = 256 << 10;
/// Records in one export: with attributes about a megabyte of OTLP.
pub const RECORDS_MAX: usize = 2_048;
/// Files that one turn exports: with these bounds 8 MiB of lines are held at most.
pub const EXPORTS_MAX: usize = 32;
/// Between two looks at which files there are, in nanoseconds.
pub const LOOK_NS: u64 = 2_000_000_000;
/// How long a file is silent before its last record is taken to be whole, in nanoseconds.
pub const SETTLED_NS: u64 = 1_000_000_000;
/// How long a file is silent before a line without an end is taken as it is, in nanoseconds: programs that buffer their
/// output write half a line and then nothing for a while.
pub const PARTIAL_NS: u64 = 60_000_000_000;
/// How long a file that was renamed or deleted is silent before it is let go, in nanoseconds: its writer goes on writing
/// to it until it is told to open the new one.
pub const ROTATED_NS: u64 = 60_000_000_000;

/// Files that are to be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// A path with `*`, `?`, `[a-z]` and `**`.
    pub pattern: String,
    /// Whose lines they are.
    pub service: String,
    /// Which instance of it; where there is none, the path of the file.
    pub instance: Option<String>,
    /// Are files that are there when the pattern is new read from their start? Files that appear later always are.
    pub from_start: bool,
}

/// This moment, on two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The wall clock, nanoseconds since 1970: the time of lines that do not say theirs.
    pub wall_ns: u64,
    /// A clock that only goes forward, in nanoseconds, to measure silence with.
    pub mono_ns: u64,
}

/// Records of one file, to be given to [`crate::Telemetry::export`] as logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Of which file.
    pub of: Id,
    /// Its name.
    pub path: String,
    /// An OTLP request.
    pub body: Bytes,
}
