//! The engine: it runs sagas.
//!
//! Inputs (a submission, an answer, a timer, a person) are decided by [`ondol_core`], appended to a log, and only then
//! acted on. Every saga has one owner, [`runner`], which compares what the durable state wants with what is under way.
//! A crash therefore loses nothing, and starting again is nothing special.
//!
//! It does **not** speak HTTP, read files, or know what a request means: calls go through [`Caller`], records through
//! [`ondol_store::log::Log`], time through [`Clock`]. The simulator replaces exactly these three.

mod begin;
mod blueprint;
mod caller;
mod clock;
mod error;
mod handle;
mod id;
mod meant;
mod notice;
mod options;
mod registry;
mod room;
mod runner;
mod service;
mod stats;
mod story;
mod time_text;

pub use blueprint::Blueprint;
pub use caller::{Answered, Caller, Came, NoticeCall, NoticeCame, Notified, Reach, Request, StepCall};
pub use clock::{Clock, SteadyTime, SystemClock};
pub use error::{ActError, EngineError, ReadError, SubmitError};
pub use handle::{Acted, Chosen, Handle, Health, Reached, SubmitRequest, Submitted, VerbRequest, Windows};
pub use id::{BadSagaId, DEFINITION_STREAMS, SAGA_ID_BYTES_MAX, SAGA_STREAMS, SagaId, run_text};
#[cfg(feature = "bugs")]
pub use options::Bug;
pub use options::Options;
#[cfg(feature = "torture")]
pub use options::{DieAt, DiePoint};
pub use registry::{BadDefinition, Registry};
pub use runner::TargetStatus;
pub use service::{Engine, OpenLog};
pub use stats::{Snapshot, Stats};
pub use story::Story;
pub use time_text::rfc3339;
