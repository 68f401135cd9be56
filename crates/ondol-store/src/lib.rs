//! Durable streams of bytes, and small views that can be rebuilt from them.
//!
//! * [`log`] is the seam everything durable goes through: append, read, tail. It has an embedded
//!   implementation, a memory implementation with faults, and one public conformance suite.
//! * [`journal`] is the one place that knows what the records of a saga mean as bytes.
//! * [`view`] is a droppable index beside a log, filled by tailing it.
//! * [`mod@reference`] is a bare append-and-sync file that the benchmarks print beside the log.
//!
//! It is not a database: there are no queries, no transactions over several streams, and no
//! knowledge outside [`journal`] of what the bytes mean.

pub mod journal;
pub mod log;
pub mod reference;
pub mod view;
