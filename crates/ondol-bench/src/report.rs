//! What one measurement shows.

use hdrhistogram::Histogram;
use serde_json::{Value, json};

/// Counts, rates and latencies of one measurement.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// Operations counted.
    pub operations: u64,
    /// Of these, failed.
    pub failed: u64,
    /// Wall-clock seconds counted.
    pub seconds: f64,
    /// CPU seconds of this process meanwhile.
    pub cpu_seconds: f64,
    /// Latencies in microseconds: median, 99th percentile, largest.
    pub latency_us: [u64; 3],
}

impl Report {
    pub(crate) fn new(latencies: &Histogram<u64>, failed: u64, seconds: f64, cpu_seconds: f64) -> Self {
        let at = |quantile| latencies.value_at_quantile(quantile);
        Self {
            operations: latencies.len(),
            failed,
            seconds,
            cpu_seconds,
            latency_us: [at(0.5), at(0.99), latencies.max()],
        }
    }

    /// The report as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let [p50, p99, max] = self.latency_us;
        json!({
            "operations": self.operations, "failed": self.failed, "seconds": self.seconds,
            "per_second": self.operations as f64 / self.seconds,
            "cpu_seconds": self.cpu_seconds, "p50_us": p50, "p99_us": p99, "max_us": max,
        })
    }
}

/// CPU seconds (user and system) a process has used, from `/proc`; `self` for this one. 0 where there is no such file.
#[must_use]
pub fn cpu_seconds(process: &str) -> f64 {
    /// `USER_HZ`, 100 on every Linux that Rust supports.
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The second field is the program's name in parentheses, which may hold blanks.
    let fields = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = |at: usize| fields.split_whitespace().nth(at).and_then(|field| field.parse::<f64>().ok());
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / TICKS_A_SECOND
}
