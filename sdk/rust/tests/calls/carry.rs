//! From a request to the calls that it causes.

use std::time::Duration;

use http::{HeaderMap, Method, Request, Response};
use ondol_sdk::calls::Settings;
use ondol_sdk::calls::carry::{Carried, PassOnLayer, ReceiveLayer};
use tokio::time::Instant;
use tower::{Layer, ServiceExt, service_fn};

use crate::support::Manner::Says;
use crate::support::{Fake, Lines, alike, request};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test(start_paused = true)]
async fn a_handler_hands_on_what_it_was_given() {
    let fake = Fake::new(&[], Says(200));
    let client = PassOnLayer.layer(alike(1, &fake, Settings::default()));
    let service = ReceiveLayer.layer(service_fn(move |_: Request<()>| {
        let client = client.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let answer = client.oneshot(request(Method::GET, &[])).await;
            answer.map(|_| Response::new(()))
        }
    }));
    let incoming = |with: bool| {
        let mut request = Request::new(());
        if with {
            request.headers_mut().insert("traceparent", TRACE.parse().unwrap());
            request.headers_mut().insert("grpc-timeout", "1S".parse().unwrap());
        }
        request
    };
    assert!(service.clone().oneshot(incoming(true)).await.is_ok());
    assert!(service.oneshot(incoming(false)).await.is_ok());
    let seen = fake.seen();
    assert_eq!(seen[0].headers["traceparent"], TRACE);
    assert_eq!(seen[0].headers["ondol-deadline-ms"], "890");
    assert!(seen[1].headers.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_call_keeps_what_it_says_itself() {
    let headers = |lines: &[(&'static str, &str)]| -> HeaderMap {
        lines.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    };
    let now = Instant::now();
    let given = [("traceparent", "a"), ("tracestate", "b"), ("ondol-deadline-ms", "500")];
    let carried = Carried::of(&headers(&given), now);
    #[rustfmt::skip]
    let table: [(&Lines, &Lines); 4] = [
        (&[],                              &[("traceparent", "a"), ("tracestate", "b"), ("ondol-deadline-ms", "300")]),
        (&[("traceparent", "c")],          &[("traceparent", "c"), ("ondol-deadline-ms", "300")]),
        (&[("ondol-deadline-ms", "200")],  &[("traceparent", "a"), ("tracestate", "b"), ("ondol-deadline-ms", "200")]),
        (&[("ondol-deadline-ms", "900")],  &[("traceparent", "a"), ("tracestate", "b"), ("ondol-deadline-ms", "300")]),
    ];
    for (own, expected) in table {
        let mut own = headers(own);
        carried.put(&mut own, now + Duration::from_millis(200));
        assert_eq!(own, headers(expected));
    }
    // A task of its own takes it along.
    assert_eq!(Carried::current(), None);
    let inner = carried.clone().scope(async { Carried::current() }).await;
    assert_eq!(inner, Some(carried));
}
