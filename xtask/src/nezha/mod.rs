//! The Nezha day: where its archive is, the program that sends it and looks at what was kept, and `replay-nezha`.

mod archive;
mod hand;
mod replay;

pub(crate) use archive::{Archive, unpacked};
pub(crate) use hand::{Hand, checks};
pub(crate) use replay::{Options, run};
