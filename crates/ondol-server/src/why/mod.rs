//! `ondol why`: everything that is known of a saga, a trace or a request, gathered for whoever tells the story.
//!
//! A saga is told from its journal, which is there while it runs; what services exported is added as far as it came.

mod case;
mod gather;
mod named;
mod saga;

pub(crate) use case::{Told, told};
pub(crate) use gather::gather;
