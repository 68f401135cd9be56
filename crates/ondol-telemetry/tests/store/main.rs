//! The store through its handle: what goes in is found, over restarts, in memory and in files alike.

#![expect(clippy::unwrap_used, reason = "in the helpers of a test; one that cannot go on has failed")]

mod batch;
mod broken;
mod found;
mod kept;
mod near;
mod pages;
mod trace_pages;
