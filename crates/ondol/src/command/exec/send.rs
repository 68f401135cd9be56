//! Lines become records, and are sent.

use std::sync::Arc;
use std::time::Duration;

use ondol_telemetry::lines::{self, Joiner, Line};
use ondol_telemetry::model::{Attributes, Source};
use tokio_util::sync::CancellationToken;

use super::buffer::{Buffer, Printed, Stream};
use crate::client::{Otlp, Refused};
use crate::clock;

/// Lines in one request: with attributes about a megabyte.
const LINES_MAX: usize = 2_048;

/// Lines gather this long, so that many share one request.
const GATHER: Duration = Duration::from_millis(200);

/// Between two tries, at first and at most; what comes meanwhile waits in the buffer.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Sends what is printed until the program has ended, and then what is left.
pub(super) async fn send(otlp: Otlp, source: Source, buffer: Arc<Buffer>, ended: CancellationToken) {
    let zone_s = clock::zone_s();
    let mut sender = Sender {
        otlp,
        source,
        joiners: [Stream::Out, Stream::Err].map(|stream| (stream, Joiner::new(zone_s))),
        held: 0,
    };
    loop {
        let ending = ended.run_until_cancelled(tokio::time::sleep(GATHER)).await.is_none();
        loop {
            let printed = buffer.take(LINES_MAX);
            let last = printed.len() < LINES_MAX;
            sender.lines(printed, ending && last, (&buffer, &ended)).await;
            if last {
                break;
            }
        }
        if ending {
            return;
        }
    }
}

struct Sender {
    otlp: Otlp,
    source: Source,
    joiners: [(Stream, Joiner); 2],
    /// Lines that were taken and are part of no request yet.
    held: u64,
}

impl Sender {
    /// Sends the records of these lines that are whole; all of them at the end.
    async fn lines(
        &mut self,
        printed: Vec<Printed>,
        end: bool,
        (buffer, ended): (&Buffer, &CancellationToken),
    ) {
        self.held += printed.len() as u64;
        let mut records = Vec::new();
        for Printed { stream, line, at_ns } in printed {
            for (own, joiner) in &mut self.joiners {
                if *own == stream {
                    records.extend(joiner.push(&line, at_ns).map(|line| named(line, stream)));
                }
            }
        }
        let now_ns = clock::wall_ns();
        for (stream, joiner) in &mut self.joiners {
            let last = if end { joiner.finish() } else { joiner.flush(now_ns) };
            records.extend(last.map(|line| named(line, *stream)));
        }
        if records.is_empty() {
            if end {
                buffer.kept(std::mem::take(&mut self.held));
            }
            return;
        }
        // Those of records that are not whole yet are counted with these: at the end they are the same.
        let lines = std::mem::take(&mut self.held);
        self.request(lines::otlp(&self.source, now_ns, records, &[]), lines, (buffer, ended)).await;
    }

    /// Until it is taken, or never is. The same bytes each time, so that what comes again is known. Once the program has
    /// ended, nobody shall wait for a server that is away.
    async fn request(&self, body: bytes::Bytes, lines: u64, (buffer, ended): (&Buffer, &CancellationToken)) {
        let mut pause = PAUSE;
        loop {
            match self.otlp.logs(body.clone()).await {
                Ok(()) => return buffer.kept(lines),
                Err(Refused::Never(why)) => return buffer.refused(lines, why),
                Err(Refused::Later(why, None)) if ended.is_cancelled() => return buffer.refused(lines, why),
                Err(Refused::Later(why, Some(after))) if ended.is_cancelled() => {
                    buffer.waits(why);
                    tokio::time::sleep(after).await;
                }
                Err(Refused::Later(why, after)) => {
                    buffer.waits(why);
                    ended.run_until_cancelled(tokio::time::sleep(after.unwrap_or(pause))).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }
}

/// OpenTelemetry's attribute for the stream.
fn named(mut line: Line, stream: Stream) -> Line {
    let name = match stream {
        Stream::Out => "stdout",
        Stream::Err => "stderr",
    };
    let mut pairs = std::mem::take(&mut line.attributes).0;
    pairs.push(("log.iostream".to_owned(), name.to_owned()));
    line.attributes = Attributes::from_pairs(pairs);
    line
}
