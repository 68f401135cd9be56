//! What every [`Log`] must do, as one suite that any implementation runs.
//!
//! It is for the tests of an implementation. It asserts, so a failure is a panic that names the case.
//!
//! ```
//! use ondol_store::log::{Disk, Log, MemoryLog, MemoryOptions, conformance::conformance};
//! use std::{collections::HashMap, sync::Arc};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let mut disks = HashMap::<&str, Disk>::new();
//! conformance(|case| {
//!     let disk = disks.entry(case).or_default();
//!     Arc::new(MemoryLog::open(disk, MemoryOptions::default()))
//! })
//! .await;
//! # }
//! ```

mod appends;
mod extremes;
mod fixture;
mod streams;

use super::Log;
use std::sync::Arc;

/// Opens the log of one case: an empty one at first, the same one again when it is asked again. Every
/// earlier handle of that case has been dropped by then.
trait Open: FnMut(&'static str) -> Arc<dyn Log> {}

impl<F: FnMut(&'static str) -> Arc<dyn Log>> Open for F {}

/// Runs every case against the logs that `open` opens.
///
/// `open` gets the name of a case. It must give an empty log when it first sees the name, and the same log
/// opened anew when it sees the name again; the earlier handle has been dropped by then.
pub async fn conformance(mut open: impl FnMut(&'static str) -> Arc<dyn Log>) {
    let open = &mut open;
    appends::starts_empty(open).await;
    appends::counts_and_conflicts(open).await;
    appends::neighbours_of_a_conflict(open).await;
    appends::order_inside_an_append(open).await;
    streams::reopening_keeps_everything(open).await;
    appends::fences_older_epochs(open).await;
    streams::marks_and_hints(open).await;
    streams::pages_of_open_streams(open).await;
    streams::forgets_closed_streams(open).await;
    streams::tells_what_is_gone(open).await;
    appends::concurrent_appends_have_no_gaps(open).await;
    appends::one_of_many_rivals_wins(open).await;
    extremes::large_records(open).await;
    extremes::odd_stream_ids(open).await;
    extremes::many_streams(open).await;
}
