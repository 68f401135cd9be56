//! Taking connections: one after the other, while there is a place for one more.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long it waits where the system has no connection to give (too many open files): at once would be a busy loop.
const AGAIN: Duration = Duration::from_millis(50);

/// The next connection, with its place. `whose` says in the log which listener has none.
pub(crate) async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    whose: &'static str,
) -> (TcpStream, OwnedSemaphorePermit) {
    loop {
        let place = Arc::clone(places).acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) => {
                tracing::warn!(%error, whose, "a connection cannot be accepted; it is tried again");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}
