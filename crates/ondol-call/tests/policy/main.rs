//! The policies together, as the caller uses them, on virtual time with seeded chance. Nothing here waits.

mod bounds;
mod endpoints;
mod hedge;
mod retry;
mod throttle;
mod world;
