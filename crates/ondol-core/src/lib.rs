//! The saga as pure functions: decide, apply, wanted, allowed.
