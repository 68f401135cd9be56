//! A closed loop: so many in flight, each starting the next when it is done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::report::{Report, cpu_seconds};

/// How hard to load, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Operations in flight.
    pub in_flight: usize,
    /// Counted time.
    pub seconds: f64,
    /// Time before that, not counted.
    pub warm_up_seconds: f64,
    /// Stop after this many operations, counted or not; 0 for no limit.
    pub operations_max: u64,
}

/// Highest latency told apart, in microseconds.
pub(crate) const LATENCY_US_MAX: u64 = 60_000_000;

/// Runs `operation(number)` in a closed loop. It answers whether it succeeded.
#[expect(clippy::disallowed_methods, reason = "measuring is reading the clock")]
pub async fn closed_loop<F, Fut>(load: Load, operation: F) -> Report
where
    F: Fn(u64) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = bool> + Send + 'static,
{
    let operation = Arc::new(operation);
    let (counting, over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let next = Arc::new(AtomicU64::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..load.in_flight {
        let (operation, counting, over, next) =
            (Arc::clone(&operation), Arc::clone(&counting), Arc::clone(&over), Arc::clone(&next));
        workers.spawn(async move {
            let mut latencies = histogram();
            let mut failed = 0_u64;
            while !over.load(Relaxed) {
                let number = next.fetch_add(1, Relaxed);
                if load.operations_max > 0 && number >= load.operations_max {
                    break;
                }
                let started = Instant::now();
                let succeeded = operation(number).await;
                if !counting.load(Relaxed) {
                    continue;
                }
                let spent_us = started.elapsed().as_micros() as u64;
                latencies.saturating_record(spent_us.clamp(1, LATENCY_US_MAX));
                failed += u64::from(!succeeded);
            }
            (latencies, failed)
        });
    }
    tokio::time::sleep(Duration::from_secs_f64(load.warm_up_seconds)).await;
    counting.store(true, Relaxed);
    let (started, cpu_before) = (Instant::now(), cpu_seconds("self"));
    if load.operations_max == 0 {
        tokio::time::sleep(Duration::from_secs_f64(load.seconds)).await;
        over.store(true, Relaxed);
    }
    let mut latencies = histogram();
    let mut failed = 0;
    while let Some(Ok((of_worker, failures))) = workers.join_next().await {
        latencies.add(of_worker).expect("all histograms have the same bounds");
        failed += failures;
    }
    let seconds = started.elapsed().as_secs_f64();
    Report::new(&latencies, failed, seconds, cpu_seconds("self") - cpu_before)
}

pub(crate) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LATENCY_US_MAX, 3).expect("the bounds are valid")
}
