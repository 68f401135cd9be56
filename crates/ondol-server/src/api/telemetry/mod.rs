//! Questions about traces and logs. Each reads its parameters, asks the store on a thread that may block, and answers.

pub(crate) mod ask;
pub(super) mod logs;
pub(super) mod pages;
pub(in crate::api) mod params;
pub(super) mod state;
pub(super) mod tail;
pub(super) mod templates;
pub(super) mod traces;
