//! What an error of the inner service says of the request: the difference between "again" and "never again".

use std::error::Error;
use std::io;
use std::iter::successors;

/// Causes of an error that are looked at: no client wraps deeper, and a chain that never ends would hang.
const CAUSES_MAX: usize = 32;

/// How an attempt without an answer failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// Certainly nothing was sent: no connection could be made. It goes to another endpoint.
    NotSent,
    /// The endpoint says that it did not process it, and so it may go once more: HTTP/2's REFUSED_STREAM, or a GOAWAY
    /// below its stream (RFC 9113 §8.7).
    TurnedAway,
    /// Something may have been sent, and no answer came. Where in doubt it is this one.
    Cut,
    /// The inner service has a time limit of its own, and it passed.
    TimedOut,
}

impl Failed {
    /// What `error` and its causes say, where they are hyper-util's, hyper's or h2's, or a refused connection; this
    /// covers hyper-util's clients, reqwest and tonic's `Channel`. Anything else is [`Failed::Cut`], which repeats
    /// nothing that must not happen twice.
    ///
    /// It takes the client for one that sends a request once. One that follows redirects may be refused a connection
    /// after the request took effect; switch that off.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut causes = successors(Some(error), |error| cause(*error)).take(CAUSES_MAX);
        causes.find_map(certain).unwrap_or(Self::Cut)
    }
}

fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    // An I/O error passes its content's cause off as its own; the content itself is what is looked for.
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(content) => Some(content),
        None => error.source(),
    }
}

fn certain(error: &(dyn Error + 'static)) -> Option<Failed> {
    if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
        return error.is_connect().then_some(Failed::NotSent);
    }
    if let Some(error) = error.downcast_ref::<h2::Error>() {
        let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        return (error.is_remote() && (refused || error.is_go_away())).then_some(Failed::TurnedAway);
    }
    // Only connect(2) fails so, which is before anything is sent.
    let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    error.downcast_ref::<io::Error>().is_some_and(refused).then_some(Failed::NotSent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("a client's own error")]
    struct Wrapped(#[source] io::Error);

    #[test]
    fn only_what_is_certain_is_not_sent() {
        use io::ErrorKind::{ConnectionRefused, ConnectionReset, TimedOut};
        let io = |kind: io::ErrorKind| io::Error::from(kind);
        let hidden = |kind| io::Error::other(Wrapped(io::Error::other(io::Error::from(kind))));
        let table: [(Box<dyn Error>, Failed); 6] = [
            (Box::new(io(ConnectionRefused)), Failed::NotSent),
            (Box::new(Wrapped(io(ConnectionRefused))), Failed::NotSent),
            (Box::new(hidden(ConnectionRefused)), Failed::NotSent),
            (Box::new(io(ConnectionReset)), Failed::Cut),
            // A connect or a read: nobody knows.
            (Box::new(io(TimedOut)), Failed::Cut),
            (Box::new(hidden(ConnectionReset)), Failed::Cut),
        ];
        for (error, expected) in table {
            assert_eq!(Failed::of(&*error), expected, "{error:?}");
        }
    }
}
