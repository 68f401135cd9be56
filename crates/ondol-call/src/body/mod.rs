//! Bodies of requests and answers.

mod answer;
mod replay;
mod sending;

pub use answer::{AnswerBody, AnswerBodyError};
pub(crate) use answer::{Hold, Patience, is_events};
pub use replay::REPLAY_MAX;
pub(crate) use replay::Upload;
pub use sending::Body;
pub(crate) use sending::Sending;

/// Whatever a client's body fails with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
