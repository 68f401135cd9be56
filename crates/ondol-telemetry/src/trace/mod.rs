//! What the spans of one trace say: what called what, what failed and at which stage, what was tried again, where the time
//! went, and how it differs from traces that went well.
//!
//! Pure functions over spans in any order, some of them twice, some missing, some broken. Nothing here recurses along
//! the depth of a trace, and everything takes time in the order of n log n of its spans.
//!
//! It is **not** a judge of services over time: it looks at one trace, and at healthy ones only to [`compare`].

mod analysis;
mod build;
mod call;
mod compare;
mod critical;
mod failure;
mod fault;
mod names;
mod retries;
mod skew;
mod tree;

pub use analysis::{Analysis, Verdict};
pub use call::Stage;
pub use compare::{Change, DIFFERENCES_MAX, Difference, compare};
pub use critical::{Segment, critical_path};
pub use failure::{Choice, Failure, OTHERS_MAX, PATH_MAX, failure};
pub use fault::{Fault, REASON_MAX, Sign, fault};
pub use retries::{ATTEMPTS_LISTED_MAX, Collapsed, collapsed};
pub use skew::{SHIFTS_LISTED_MAX, Shift};
pub use tree::{Entry, Node, NodeId, Place, Tree};

pub(crate) use call::call;
pub(crate) use failure::Origins;
pub(crate) use fault::one_line;
pub(crate) use retries::replayed;
