//! A service that follows a script, and a target made of such.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use ondol_sdk::calls::{Balanced, CallBody, CallError, Failed, Options, Settings};
use tokio::time::Instant;
use tower::{Service, ServiceExt};

/// Headers.
pub(crate) type Lines = [(&'static str, &'static str)];

/// What the service does with a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    /// Answers this at once.
    Says(u16),
    /// Answers this at once, with a header.
    SaysWith(u16, (&'static str, &'static str)),
    /// Answers 200 after so many milliseconds.
    Takes(u64),
    /// Never answers.
    Stalls,
    /// Fails at once.
    Fails(Failed),
    /// Never takes a request.
    IsBusy,
}

#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the script says {0:?}")]
pub(crate) struct Fault(pub(crate) Failed);

/// A request as the service saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Instant,
    pub(crate) endpoint: usize,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) struct Script {
    /// One for each request, in their order.
    pub(crate) course: VecDeque<Manner>,
    /// What follows.
    pub(crate) then: Manner,
    pub(crate) seen: Vec<Seen>,
}

/// One endpoint. Several may follow one script.
#[derive(Clone)]
pub(crate) struct Fake {
    endpoint: usize,
    pub(crate) script: Arc<Mutex<Script>>,
}

impl Fake {
    pub(crate) fn new(course: &[Manner], then: Manner) -> Self {
        let script = Script { course: course.iter().copied().collect(), then, seen: Vec::new() };
        Self { endpoint: 0, script: Arc::new(Mutex::new(script)) }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.script.lock().unwrap().seen.clone()
    }
}

pub(crate) type Answer = Response<Full<Bytes>>;

impl Service<Request<Full<Bytes>>> for Fake {
    type Response = Answer;
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, Fault>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        let busy = matches!(self.script.lock().unwrap().course.front(), Some(Manner::IsBusy));
        if busy { Poll::Pending } else { Poll::Ready(Ok(())) }
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let body = body.collect().now_or_never().unwrap().unwrap().to_bytes();
        let mut script = self.script.lock().unwrap();
        let seen = Seen { at: Instant::now(), endpoint: self.endpoint, headers: parts.headers, body };
        script.seen.push(seen);
        let manner = script.course.pop_front().unwrap_or(script.then);
        Box::pin(async move {
            let says = |code| Response::builder().status(code).body(Full::from("own")).unwrap();
            match manner {
                Manner::Says(code) => Ok(says(code)),
                Manner::SaysWith(code, (name, value)) => {
                    let mut answer = says(code);
                    answer.headers_mut().insert(name, value.parse().unwrap());
                    Ok(answer)
                }
                Manner::Takes(ms) => {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    Ok(says(200))
                }
                Manner::Stalls | Manner::IsBusy => std::future::pending().await,
                Manner::Fails(failed) => Err(Fault(failed)),
            }
        })
    }
}

pub(crate) type Called = Result<Response<CallBody<Full<Bytes>>>, CallError<Fault>>;
pub(crate) type Target = Balanced<Fake, Full<Bytes>, Full<Bytes>, Fault>;

pub(crate) fn options() -> Options<Full<Bytes>, Fault> {
    let reading = Options::reading(|body: &Full<Bytes>| Some(body.clone()), |fault: &Fault| fault.0);
    Options { key_honoured: true, seed: 7, ..reading }
}

/// A target with so many endpoints that follow one script.
pub(crate) fn alike(count: usize, fake: &Fake, settings: Settings) -> Target {
    let endpoint = |endpoint| (format!("e{endpoint}"), Fake { endpoint, ..fake.clone() });
    Balanced::with("seats", (0..count).map(endpoint).collect(), settings, options())
}

/// A target with an endpoint for each script.
pub(crate) fn apart(fakes: &[Fake], settings: Settings) -> Target {
    let endpoint =
        |(endpoint, fake): (usize, &Fake)| (format!("e{endpoint}"), Fake { endpoint, ..fake.clone() });
    Balanced::with("seats", fakes.iter().enumerate().map(endpoint).collect(), settings, options())
}

pub(crate) fn request(method: Method, headers: &Lines) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::from("asked"));
    *request.method_mut() = method;
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    request
}

pub(crate) async fn call(target: &Target, request: Request<Full<Bytes>>) -> Called {
    target.clone().oneshot(request).await
}

pub(crate) async fn get(target: &Target) -> Called {
    call(target, request(Method::GET, &[])).await
}

/// A status, or what the error says.
pub(crate) fn said(called: &Called) -> Result<u16, String> {
    match called {
        Ok(answer) => Ok(answer.status().as_u16()),
        Err(error) => Err(error.to_string()),
    }
}
