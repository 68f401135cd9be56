//! Sagas that go on while telemetry has its trouble.

use super::Programs;
use crate::clock::Stopwatch;
use crate::error::Error;
use crate::http::Client;
use crate::print::Print;
use crate::process::{Process, Program};
use crate::receiver::Receiver;
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A saga of three calls may take this long while telemetry is in trouble, on a busy machine and in a debug build.
const SAGA_MAX: Duration = Duration::from_secs(5);

/// Pause between two sagas: they are there to notice, not to load.
const PAUSE: Duration = Duration::from_millis(50);

/// A receiver whose sagas have someone to call.
pub(super) struct Bed {
    pub(super) receiver: Receiver,
    _service: Process,
}

/// What became of the sagas meanwhile.
#[derive(Debug, Default)]
struct Tally {
    completed: u64,
    wrong: Vec<String>,
    longest: Duration,
}

impl Bed {
    /// Starts both.
    ///
    /// # Errors
    /// If one does not come up.
    pub(super) fn start(programs: &Programs, directory: &Path) -> Result<Self, Error> {
        let log = directory.join("noop.log");
        let (path, arguments) = (programs.noop.clone(), Vec::new());
        let program = Program { name: "noop", path, arguments, directory: directory.to_owned(), log };
        let (service, said) = program.start()?;
        let at = said["listening"].as_str().unwrap_or_default();
        let step = |name: &str| {
            format!("      - {{ name: {name}, action: a POST /step, compensate: a POST /undo }}\n")
        };
        let steps: String = ["one", "two", "three"].map(step).concat();
        let system = format!(
            "ondol: 1\nservices:\n  a: {{ url: \"http://{at}\", barrier: true }}\nsagas:\n  three:\n    timeout: 1h\n    steps:\n{steps}"
        );
        let receiver = Receiver::with_system(&programs.ondol, directory, &system, &[])?;
        Ok(Self { receiver, _service: service })
    }

    /// Runs sagas, one after the other, while something else is done.
    ///
    /// # Errors
    /// Those of the work.
    pub(super) fn meanwhile<T>(
        &self,
        print: &Print,
        what: &str,
        work: impl FnOnce(&Receiver) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let over = AtomicBool::new(false);
        let address = self.receiver.unit.address();
        let (worked, tally) = std::thread::scope(|scope| {
            let sagas = scope.spawn(|| submit(address, what, &over));
            let worked = work(&self.receiver);
            over.store(true, Ordering::Relaxed);
            (worked, sagas.join().unwrap_or_default())
        });
        let held = tally.wrong.is_empty() && tally.completed > 0 && tally.longest < SAGA_MAX;
        print.check(
            held,
            &format!(
                "meanwhile {} sagas completed, the slowest in {} ms; {} did not {}",
                tally.completed,
                tally.longest.as_millis(),
                tally.wrong.len(),
                tally.wrong.first().map_or("", String::as_str)
            ),
        );
        worked
    }
}

fn submit(address: SocketAddr, what: &str, over: &AtomicBool) -> Tally {
    let mut client = Client::new(address);
    let mut tally = Tally::default();
    for number in 0.. {
        let watch = Stopwatch::start();
        let id = format!("{}-{number}", what.replace(' ', "-"));
        let body = json!({ "definition": "three", "id": id, "input": {} });
        let headers = [("idempotency-key", id.as_str())];
        match client.send("POST", "/v1/sagas?wait=30s", &headers, Some(&body)) {
            Ok(answer) if answer.body["status"] == "completed" => tally.completed += 1,
            Ok(answer) => tally.wrong.push(format!("{} {}", answer.status, answer.body)),
            Err(error) => tally.wrong.push(error.to_string()),
        }
        tally.longest = tally.longest.max(watch.elapsed());
        if over.load(Ordering::Relaxed) {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    tally
}
