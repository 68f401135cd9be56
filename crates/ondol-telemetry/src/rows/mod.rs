//! Rows in memory: what has arrived and is not yet in files, column by column.
//!
//! A chunk has at most [`BLOCK`] rows of one hour; it becomes a block of a file. Columns are plain vectors, so that a row
//! can be read the moment it is there. What many rows have in common (who wrote them, names) is kept once a generation,
//! in [`Tables`].

mod logs;
mod spans;
mod tables;
mod texts;

pub(crate) use logs::LogChunk;
pub(crate) use spans::{Extras, SpanChunk};
pub(crate) use tables::Tables;
pub(crate) use texts::{Pairs, Texts};

/// Rows of a block: small enough that reading one page of messages takes a millisecond, large enough that a page
/// compresses well and a term's bitmap (256 bytes) costs little.
pub(crate) const BLOCK: usize = 2_048;

/// Nanoseconds of an hour, by which files are parted.
pub(crate) const HOUR_NS: u64 = 3_600_000_000_000;

/// What every kind of chunk is.
pub(crate) trait Chunk: Default + Send + Sync + 'static {
    /// How many rows it has.
    fn len(&self) -> usize;
    /// What it takes in memory, in bytes.
    fn memory(&self) -> usize;
    /// When its rows were written or began, in the order of rows: nanoseconds since 1970.
    fn times(&self) -> &[u64];
    /// Nothing comes any more: gives spare room back.
    fn close(&mut self);
    /// An empty one for what comes after another, with room for about as much.
    fn after(_: &Self) -> Self {
        Self::default()
    }
}
