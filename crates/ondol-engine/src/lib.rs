//! The runner: inputs, decisions, appends, timers and recovery.
