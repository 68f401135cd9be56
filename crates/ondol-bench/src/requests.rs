//! One request again and again over kept connections, and what a process between us and the service spends on it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::load::{LATENCY_US_MAX, histogram};
use crate::pace::Pace;
use crate::report::{Report, cpu_seconds};
use crate::spent::Spent;
use crate::wire::Wire;

/// Before a connection that broke is opened again: a target that refuses all must not fill the core with attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// What to send, where, how often.
#[derive(Clone, Debug)]
pub struct Requests {
    /// Connections are spread over these in turn.
    pub to: Vec<SocketAddr>,
    /// The bytes of one request.
    pub request: Vec<u8>,
    /// Connections, and so requests in flight at most.
    pub connections: usize,
    /// Requests a second, planned without waiting for answers; `None`: the next on each connection when the last has ended.
    pub per_second: Option<u32>,
    /// Time before the counted time.
    pub warm_up_seconds: f64,
    /// Counted time.
    pub seconds: f64,
    /// The process whose CPU is read at the bounds of the counted time.
    pub watched: Option<u32>,
}

/// What one run shows.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// Of the requests. In an open loop their latency counts from the planned time.
    pub report: Report,
    /// CPU time of the watched process meanwhile.
    pub watched: Duration,
}

impl Measured {
    /// The report as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = self.report.to_json();
        json["watched_cpu_seconds"] = self.watched.as_secs_f64().into();
        json
    }
}

/// What the workers share.
struct Run {
    pace: Pace,
    request: Vec<u8>,
    counting: AtomicBool,
}

impl Requests {
    /// Sends them.
    ///
    /// # Errors
    /// If there is nobody to send to, or no timer.
    #[expect(clippy::disallowed_methods, reason = "measuring is reading the clock")]
    pub async fn run(self) -> std::io::Result<Measured> {
        if self.to.is_empty() {
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "nobody to send to"));
        }
        let (pace, counting) = (Pace::new(self.per_second), AtomicBool::new(false));
        let run = Arc::new(Run { pace, request: self.request, counting });
        let mut workers = JoinSet::new();
        for to in self.to.iter().cycle().take(self.connections) {
            workers.spawn(worker(Arc::clone(&run), *to));
        }
        let counted = async {
            tokio::time::sleep(Duration::from_secs_f64(self.warm_up_seconds)).await;
            run.counting.store(true, Relaxed);
            let spent = || self.watched.map(Spent::of).unwrap_or_default();
            let (begun, own_before, before) = (Instant::now(), cpu_seconds("self"), spent());
            tokio::time::sleep(Duration::from_secs_f64(self.seconds)).await;
            run.counting.store(false, Relaxed);
            (begun.elapsed(), cpu_seconds("self") - own_before, spent().since(&before))
        };
        let (elapsed, own, watched) = tokio::select! {
            times = counted => times,
            broken = run.pace.keep() => {
                let Err(error) = broken;
                return Err(error);
            }
        };
        run.pace.end();
        let mut tally = Tally::new();
        while let Some(Ok(of_worker)) = workers.join_next().await {
            tally.latencies.add(of_worker.latencies).expect("all histograms have the same bounds");
            tally.failed += of_worker.failed;
        }
        let report = Report::new(&tally.latencies, tally.failed, elapsed.as_secs_f64(), own);
        Ok(Measured { report, watched })
    }
}

/// What one worker has counted.
struct Tally {
    latencies: Histogram<u64>,
    failed: u64,
}

impl Tally {
    fn new() -> Self {
        Self { latencies: histogram(), failed: 0 }
    }
}

/// One connection's requests, one after the other.
async fn worker(run: Arc<Run>, to: SocketAddr) -> Tally {
    let mut tally = Tally::new();
    let mut wire = None;
    while let Some(due) = run.pace.next().await {
        let succeeded = exchange(&mut wire, to, &run.request).await.is_ok_and(|status| status == 200);
        if run.counting.load(Relaxed) {
            let spent_us = due.elapsed().as_micros() as u64;
            tally.latencies.saturating_record(spent_us.clamp(1, LATENCY_US_MAX));
            tally.failed += u64::from(!succeeded);
        }
        if !succeeded {
            tokio::time::sleep(PAUSE).await;
        }
    }
    tally
}

/// Sends one and waits for its answer's status. A connection that failed is not used again.
async fn exchange(wire: &mut Option<Wire>, to: SocketAddr, request: &[u8]) -> std::io::Result<u16> {
    let mut used = match wire.take() {
        Some(wire) => wire,
        None => Wire::new(TcpStream::connect(to).await?)?,
    };
    used.send(request).await?;
    let answer = used.receive().await?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
    *wire = Some(used);
    Ok(answer.status.unwrap_or(0))
}
