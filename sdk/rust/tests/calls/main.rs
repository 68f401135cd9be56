//! The layers of `calls` in virtual time over scripted services, and once over real sockets.

#![expect(clippy::unwrap_used, reason = "in a test program a panic is the report")]

mod balanced;
mod carry;
mod fallback;
mod limits;
mod real;
mod retry;
mod support;
mod time;
