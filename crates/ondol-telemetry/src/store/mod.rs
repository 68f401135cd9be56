//! Where records are kept: segments, memory, files. See RFD 0007.

mod answers;
mod best;
mod catalog;
mod counts;
mod figures;
mod file;
mod generation;
mod keep;
mod kind;
mod lane;
mod ledger;
mod live;
mod newest;
mod raw;
mod recover;
mod relations;
mod rows;
mod seal;
mod search;
mod segment;
mod sent;
mod sidecar;
pub(crate) mod trace;
mod traces;

pub(crate) use answers::{around, map, records, status};
pub(crate) use counts::counts;
pub(crate) use kind::{Logs, Spans};
pub(crate) use lane::{Lane, Shared};
pub(crate) use newest::newest;
pub(crate) use raw::Metrics;
pub(crate) use relations::{Relations, Seen};
pub(crate) use rows::Rows;
pub(crate) use search::{page, search};
