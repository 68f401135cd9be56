//! A server inside the demo's own process.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use ondol_server::{Bound, Options, ServeError, Signal, SignalSender, Signals};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::error::Error;

/// It runs until it is stopped.
pub(super) struct Server {
    address: SocketAddr,
    signals: SignalSender,
    task: JoinSet<Result<(), ServeError>>,
}

impl Server {
    /// Starts one on a free port of this machine; when this returns, it answers.
    pub(super) async fn start(config: &Path, data: &Path) -> Result<Self, Error> {
        let mut options = Options::new(data.to_owned(), SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        options.config = Some(config.to_owned());
        let (signals, heard) = Signals::manual();
        let (sender, bound) = oneshot::channel();
        let mut task = JoinSet::new();
        let on_bound = |bound: Bound| {
            // Nobody waits for it where the demo is being stopped already.
            let _ = sender.send(bound.listen);
        };
        task.spawn(ondol_server::serve(options, on_bound, heard));
        match bound.await {
            Ok(address) => Ok(Self { address, signals, task }),
            Err(_) => match ended(&mut task).await {
                Ok(()) => Err(Error::Demo("the server stopped before it answered")),
                Err(error) => Err(error),
            },
        }
    }

    /// Where it listens.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns at Ctrl-C, or when the server ends by itself.
    pub(super) async fn until_told_to_stop(&mut self) -> Result<(), Error> {
        tokio::select! {
            told = tokio::signal::ctrl_c() => {
                told.map_err(|source| Error::System { doing: "listen for Ctrl-C", source })
            }
            ended = ended(&mut self.task) => ended,
        }
    }

    /// Stops it, and waits until it has.
    pub(super) async fn stop(mut self) -> Result<(), Error> {
        // One that has ended already hears nothing.
        let _ = self.signals.send(Signal::Stop).await;
        ended(&mut self.task).await
    }
}

async fn ended(task: &mut JoinSet<Result<(), ServeError>>) -> Result<(), Error> {
    match task.join_next().await {
        None => Ok(()),
        Some(Ok(ended)) => Ok(ended?),
        Some(Err(_)) => Err(Error::Demo("the server panicked, which is a bug")),
    }
}
