//! Submit sagas, handle steps, and keep each half effective at most once.
