//! The index of a block of 2,048 rows: which rows have a term, as exactly as a few bytes a row allow.
//!
//! A term is a word of a message, or a field with its value (`service:checkout`). A term that many rows of a block have
//! has a bitmap of them. Fields with few values have all their rows. Any other term is in the block's Bloom filter (Bloom
//! 1970), which says *certainly not here* or *maybe somewhere in this block*.

mod bitmap;
mod block;
mod bloom;
mod builder;
mod judge;
mod key;
mod terms;

pub(crate) use bitmap::Bitmap;
pub(crate) use block::{Block, Rows};
pub(crate) use bloom::{build as bloom, maybe as bloom_maybe};
pub(crate) use builder::Builder;
pub(crate) use judge::judge;
pub(crate) use terms::{Folded, attribute, field, word};
