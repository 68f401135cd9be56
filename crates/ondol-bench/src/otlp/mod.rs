//! OTLP from the sender's side: rows as export requests, and a sender that does what the specification asks of one.
//!
//! It knows nothing of the receiver but the specification (opentelemetry.io, OTLP 1.9).

mod batch;
mod pass;
mod push_back;
mod raw;
mod sender;

pub use batch::{Batch, Batches, Signal};
pub use pass::Pass;
pub use sender::{IN_FLIGHT, Sender, SenderError, Sent};
