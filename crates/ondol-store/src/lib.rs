//! Durable streams of bytes, and the journal codec of core events.
