//! A call that switches to another protocol (RFC 9110 §7.8): a connection of its own, which is never pooled.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use hyper::client::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use tokio::time::timeout_at;

use crate::answer::NotSentReason;
use crate::attempt::{Bounds, Ended};
use crate::body::{AnswerBody, Hold, Patience};
use crate::clock;
use crate::connect::Dialer;
use crate::exchange::{self, Head, Limits};
use crate::http1::HEAD_MAX;
use crate::pool::Pool;
use crate::request::Request;
use crate::target::Protocol;

/// Sends `request` over a fresh HTTP/1.1 connection of the pool's endpoint. The answer may be 101, and then carries what
/// `hyper::upgrade::on` takes.
pub(crate) async fn upgrade(
    dialer: &Dialer,
    pool: &Arc<Pool>,
    request: &Request,
    bounds: &Bounds<'_>,
) -> Ended {
    let ends = bounds.deadline.unwrap_or_else(|| clock::after(clock::now(), Duration::MAX));
    // Like any other connection of the endpoint, until it is a tunnel.
    let place = match pool.place_of_its_own(ends).await {
        Ok(place) => place,
        Err(why) => return Ended::Unsent(why),
    };
    let connect = clock::after(clock::now(), bounds.connect);
    let until = connect.min(ends);
    let dial = dialer.transport(&pool.endpoint, Protocol::Http1, until);
    let stream = match timeout_at(until, dial).await {
        Ok(Ok((stream, _, _))) => stream,
        Ok(Err(why)) => return Ended::Unsent(why),
        Err(_elapsed) if ends <= connect => return Ended::Unsent(NotSentReason::Deadline),
        Err(_elapsed) => {
            dialer.names.doubt(pool.endpoint.host());
            return Ended::Unsent(NotSentReason::ConnectTimeout { waited_ms: clock::millis(bounds.connect) });
        }
    };
    let shaken = Builder::new().max_buf_size(HEAD_MAX).handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = match shaken {
        Ok(shaken) => shaken,
        Err(error) => return Ended::Unsent(NotSentReason::Handshake(io::Error::other(error))),
    };
    let abort = dialer.abort.clone();
    dialer.tasks.spawn(async move {
        abort.run_until_cancelled(connection.with_upgrades()).await;
    });
    let told = bounds.told(request);
    let request = told.as_ref().unwrap_or(request);
    let limits = Limits::of(request, bounds);
    let response = sender.try_send_request(request.to_http1(&pool.endpoint, bounds.headers));
    match exchange::head(response, |_cx| (), &limits).await {
        Head::Answered(answer) => {
            let (parts, incoming) = answer.into_parts();
            if parts.status == StatusCode::SWITCHING_PROTOCOLS {
                return Ended::Answered(http::Response::from_parts(parts, AnswerBody::absent()));
            }
            let patience = Patience { idle: Some(bounds.body_idle), deadline: bounds.asked };
            let body = AnswerBody::live(incoming, Hold::Own { _place: place }, patience, None);
            Ended::Answered(http::Response::from_parts(parts, body))
        }
        Head::Unsent(why) => Ended::Unsent(why),
        Head::Unclear(why) => Ended::Unclear(why),
    }
}
