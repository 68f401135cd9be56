//! The store through its handle: what goes in is found, over restarts, in memory and in files alike.

mod batch;
mod found;
mod kept;
