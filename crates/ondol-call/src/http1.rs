//! One HTTP/1.1 connection, driven by the call that holds it.
//!
//! hyper's connection future is polled inside the call instead of in a task of its own: no spawn, no second wake-up a
//! call, and a call that is dropped half way takes its connection with it. Between calls nobody polls it, so it is
//! looked at when it is put back, when it is taken, and by the pool's sweep.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::time::Instant;

use crate::answer::NotSentReason;
use crate::body::Sending;
use crate::connect::Stream;
use crate::exchange::{self, Head, Limits};
use crate::metrics::{self, Counters};
use crate::request::Outgoing;
use crate::socket;

/// The largest head of a response. nginx and Node stop at 8 to 16 KiB; cookies and policies may need more.
pub(crate) const HEAD_MAX: usize = 64 * 1024;

type Driver = Connection<TokioIo<Stream>, Sending>;

pub(crate) struct Http1 {
    sender: SendRequest<Sending>,
    /// None once it has ended: dropping it is what tells a waiting response.
    driver: Option<Driver>,
    pub(crate) peer: SocketAddr,
    pub(crate) expires: Instant,
    counters: Arc<Counters>,
    /// A request is on its way, or its answer is.
    busy: bool,
}

impl Http1 {
    pub(crate) async fn handshake(
        stream: Stream,
        peer: SocketAddr,
        expires: Instant,
        counters: &Arc<Counters>,
    ) -> Result<Box<Self>, NotSentReason> {
        let (sender, driver) = Builder::new()
            .max_buf_size(HEAD_MAX)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| NotSentReason::Handshake(io::Error::other(error)))?;
        Ok(Box::new(Self {
            sender,
            driver: Some(driver),
            peer,
            expires,
            counters: Arc::clone(counters),
            busy: false,
        }))
    }

    /// Sends one request and waits for the head of its answer.
    pub(crate) async fn head(&mut self, outgoing: Outgoing, limits: &Limits) -> Head {
        self.busy = true;
        let response = self.sender.try_send_request(outgoing);
        exchange::head(response, |cx| drive(&mut self.driver, cx), limits).await
    }

    /// Lets it read and write.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        drive(&mut self.driver, cx);
    }

    /// The answer was read to its end.
    pub(crate) fn settled(&mut self) {
        self.busy = false;
    }

    /// Whether another request may be sent now: the peer has not closed, and nothing of an earlier exchange is left.
    pub(crate) fn is_usable(&mut self) -> bool {
        drive(&mut self.driver, &mut Context::from_waker(Waker::noop()));
        self.driver.is_some() && self.sender.is_ready()
    }
}

fn drive(driver: &mut Option<Driver>, cx: &mut Context<'_>) {
    if driver.as_mut().is_some_and(|driver| Pin::new(driver).poll(cx).is_ready()) {
        *driver = None;
    }
}

impl Drop for Http1 {
    fn drop(&mut self) {
        // Whoever gave up on an answer must not have the kernel go on delivering the request for a quarter of an hour.
        if self.busy
            && let Some(driver) = self.driver.take()
        {
            socket::forget(&driver.into_parts().io.into_inner());
        }
        metrics::add(&self.counters.closed);
    }
}
