//! When the next request is due: at once, or by a plan that does not wait for answers.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// Where workers ask for their next request.
#[derive(Debug)]
pub(crate) struct Pace {
    /// `None` for a closed loop.
    every: Option<Duration>,
    /// Planned and not yet taken. As long as the run at most: the plan ends with it.
    due: Mutex<VecDeque<Instant>>,
    ready: Semaphore,
}

impl Pace {
    /// So many requests a second; `None`: each worker's next begins when its last has ended.
    pub(crate) fn new(per_second: Option<u32>) -> Self {
        let every = per_second.map(|rate| Duration::from_secs(1) / rate.max(1));
        Self { every, due: Mutex::default(), ready: Semaphore::new(0) }
    }

    /// Waits until a request is due, and says since when; `None` when the run is over.
    ///
    /// A request that waits for a connection waits from its planned time on: what makes others wait is not left out of
    /// their latency.
    #[expect(clippy::disallowed_methods, reason = "measuring is reading the clock")]
    pub(crate) async fn next(&self) -> Option<Instant> {
        if self.every.is_none() {
            return (!self.ready.is_closed()).then(Instant::now);
        }
        self.ready.acquire().await.ok()?.forget();
        self.due.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// Nothing is due any more.
    pub(crate) fn end(&self) {
        self.ready.close();
    }

    /// Makes requests due by the plan, if there is one, until it is dropped.
    ///
    /// # Errors
    /// If there is no timer.
    pub(crate) async fn keep(&self) -> io::Result<Infallible> {
        let Some(every) = self.every else { return std::future::pending().await };
        let mut ticks = Ticks::new(every)?;
        let mut planned = ticks.begun;
        loop {
            let count = ticks.next().await?;
            {
                let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
                for _ in 0..count {
                    planned += every;
                    due.push_back(planned);
                }
            }
            self.ready.add_permits(count);
        }
    }
}

/// A timer of the kernel. Tokio's own has ticks of a millisecond, many times what is measured here.
#[cfg(target_os = "linux")]
struct Ticks {
    timer: tokio::io::unix::AsyncFd<std::os::fd::OwnedFd>,
    begun: Instant,
}

#[cfg(target_os = "linux")]
impl Ticks {
    #[expect(clippy::disallowed_methods, reason = "measuring is reading the clock")]
    #[expect(
        deprecated,
        reason = "its successor is unsafe for types that change their descriptor; this one cannot"
    )]
    fn new(every: Duration) -> io::Result<Self> {
        use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = rustix::time::timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let every = Timespec::try_from(every).map_err(|_| io::ErrorKind::InvalidInput)?;
        let begun = Instant::now();
        let plan = Itimerspec { it_interval: every, it_value: every };
        rustix::time::timerfd_settime(&timer, TimerfdTimerFlags::empty(), &plan)?;
        Ok(Self { timer: tokio::io::unix::AsyncFd::new(timer)?, begun })
    }

    /// Waits for at least one, and says how many there were.
    async fn next(&mut self) -> io::Result<usize> {
        loop {
            let mut ready = self.timer.readable().await?;
            let mut count = [0; 8];
            let read = |timer: &tokio::io::unix::AsyncFd<_>| Ok(rustix::io::read(timer, &mut count)?);
            if let Ok(read) = ready.try_io(read) {
                read?;
                return Ok(u64::from_ne_bytes(count) as usize);
            }
        }
    }
}

/// Elsewhere tokio's timer must do.
#[cfg(not(target_os = "linux"))]
struct Ticks {
    timer: tokio::time::Interval,
    begun: Instant,
}

#[cfg(not(target_os = "linux"))]
impl Ticks {
    fn new(every: Duration) -> io::Result<Self> {
        let begun = tokio::time::Instant::now();
        Ok(Self { timer: tokio::time::interval_at(begun + every, every), begun: begun.into_std() })
    }

    async fn next(&mut self) -> io::Result<usize> {
        self.timer.tick().await;
        Ok(1)
    }
}
