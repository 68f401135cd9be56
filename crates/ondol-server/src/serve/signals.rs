//! What asks a running server to stop or to read its file again.

use std::io;

use tokio::signal::unix::{self, SignalKind};
use tokio::sync::mpsc;

/// What a server is asked while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Finish what is in hand, and end.
    Stop,
    /// Read the system file again.
    Reload,
}

/// Where a server hears of it.
#[derive(Debug)]
pub struct Signals(Source);

#[derive(Debug)]
enum Source {
    Process { terminate: unix::Signal, interrupt: unix::Signal, hangup: unix::Signal },
    Manual(mpsc::Receiver<Signal>),
}

/// Sends signals to a server in this process. Dropping it stops the server.
pub type SignalSender = mpsc::Sender<Signal>;

/// Signals that wait to be heard; more than one of a kind is the same as one.
const WAITING_MAX: usize = 4;

impl Signals {
    /// Those of the process: SIGTERM and SIGINT stop, SIGHUP reads the file again. Needs a runtime.
    ///
    /// # Errors
    /// The system refuses to register them.
    pub fn of_process() -> io::Result<Self> {
        Ok(Self(Source::Process {
            terminate: unix::signal(SignalKind::terminate())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            hangup: unix::signal(SignalKind::hangup())?,
        }))
    }

    /// Those of a sender in this process.
    #[must_use]
    pub fn manual() -> (SignalSender, Self) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        (sender, Self(Source::Manual(receiver)))
    }

    pub(super) async fn next(&mut self) -> Signal {
        match &mut self.0 {
            Source::Process { terminate, interrupt, hangup } => tokio::select! {
                _ = terminate.recv() => Signal::Stop,
                _ = interrupt.recv() => Signal::Stop,
                _ = hangup.recv() => Signal::Reload,
            },
            Source::Manual(receiver) => receiver.recv().await.unwrap_or(Signal::Stop),
        }
    }
}
