//! The one reader of the clock: how long something took, and when to give up.

use std::time::{Duration, Instant};

/// Runs from when it was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "this module owns the clock")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Pause between two looks at something that another process does.
const POLL: Duration = Duration::from_millis(20);

/// Asks until there is an answer, at most this long.
pub(crate) fn wait_for<T>(patience: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let watch = Stopwatch::start();
    loop {
        let answer = ask();
        if answer.is_some() || watch.elapsed() > patience {
            return answer;
        }
        std::thread::sleep(POLL);
    }
}

/// The wall clock: nanoseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this module owns the clock")]
pub(crate) fn wall_ns() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
