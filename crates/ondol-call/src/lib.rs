//! The resilient caller: connections, timeouts and what an answer means.
