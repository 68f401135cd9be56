//! Which endpoint gets calls while another fails, is away, or says that it is not well.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use ondol_call::policy::settings::{Balance, Settings};
use ondol_call::{Callee, EndpointNow, Health, Target};

use crate::asked::{ask, brisk, get, service};
use crate::support::{Scripted, caller, endpoint, free_address, post, raw};

/// An endpoint that comes back has its whole share at once.
fn at_once() -> Balance {
    Balance { slow_start: Duration::ZERO, ..Balance::default() }
}

fn of<'a>(now: &'a [EndpointNow], server: &Scripted) -> &'a EndpointNow {
    let address = server.endpoint().to_string();
    now.iter().find(|endpoint| endpoint.endpoint == address).unwrap()
}

#[tokio::test]
async fn a_failing_endpoint_gets_next_to_nothing_while_another_is_well() {
    // Where failures do not count as slow answers only the breaker is left to notice.
    let blind = Balance { penalty: Duration::ZERO, ..at_once() };
    for (balance, most, open) in [(at_once(), 2, false), (blind, 6, true)] {
        let [failing, well] = [503, 200].map(|status| Scripted::always(raw(status, "", "")));
        let settings = Settings { balance, ..brisk() };
        let callee = caller().callee(service([failing.endpoint(), well.endpoint()], settings));
        for _ in 0..200 {
            assert_eq!(ask(&callee, get("/")).await.told, "200 ", "the retry goes to the other");
        }
        assert!((1..=most).contains(&failing.seen().len()), "{}", failing.seen().len());
        let now = callee.explain().endpoints;
        let (failing, well) = (of(&now, &failing), of(&now, &well));
        assert!(failing.usable != open && well.usable, "{now:?}");
        assert_eq!(failing.last_error.as_deref(), Some("answered 503"));
        assert_eq!(failing.why.as_ref().is_some_and(|why| why.contains("in a row")), open, "{failing:?}");
    }
}

#[tokio::test]
async fn errors_never_eject_the_last_endpoint() {
    for count in [1, 2] {
        let servers: Vec<_> = (0..count).map(|_| Scripted::always(raw(503, "", ""))).collect();
        let balance = Balance { penalty: Duration::ZERO, ..at_once() };
        let settings = Settings { balance, ..brisk() };
        let callee = caller().callee(service(servers.iter().map(Scripted::endpoint), settings));
        for _ in 0..40 {
            assert_eq!(ask(&callee, post("/", "{}")).await.told, "503 ");
        }
        let seen: usize = servers.iter().map(|server| server.seen().len()).sum();
        assert_eq!(seen, 40, "each call was sent");
        let usable = callee.explain().endpoints.iter().filter(|endpoint| endpoint.usable).count();
        assert_eq!(usable, 1, "of {count}");
    }
}

/// Makes calls until this many have come to `server`, for two seconds at most. All must be answered.
async fn until_seen(callee: &Callee, server: &Scripted, count: usize) {
    for _ in 0..400 {
        assert_eq!(ask(callee, get("/")).await.told, "200 ");
        if server.seen().len() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("only {} calls came: {:?}", server.seen().len(), callee.explain().endpoints);
}

#[tokio::test]
async fn an_endpoint_that_refuses_is_left_and_found_again() {
    let well = Scripted::always(raw(200, "", ""));
    let away = free_address();
    let settings = Settings { balance: at_once(), ..brisk() };
    let callee = caller().callee(service([endpoint(away), well.endpoint()], settings));
    for _ in 0..20 {
        assert_eq!(ask(&callee, post("/", "{}")).await.told, "200 ");
    }
    let now = callee.explain().endpoints;
    let why = now.iter().find_map(|endpoint| endpoint.why.as_deref());
    assert!(why.is_some_and(|why| why.starts_with("it takes no connection")), "{now:?}");
    let back = Scripted::at(away, |mut peer| {
        while peer.request().is_some() {
            peer.write(raw(200, "", ""));
        }
    });
    until_seen(&callee, &back, 5).await;
    assert!(callee.explain().endpoints.iter().all(|endpoint| endpoint.usable));
}

#[tokio::test]
async fn an_endpoint_that_says_it_is_not_well_gets_no_calls_while_another_is() {
    let ill: [Arc<AtomicBool>; 2] = Default::default();
    let servers = ill.each_ref().map(|ill| {
        let ill = Arc::clone(ill);
        Scripted::new(move |mut peer| {
            while let Some(request) = peer.request() {
                let status = if request.starts_with("GET /health") && ill.load(Relaxed) { 503 } else { 200 };
                peer.write(raw(status, "", if status == 503 { "warming up" } else { "" }));
            }
        })
    });
    let health = Some(Health { path: "/health".parse().unwrap(), every: Duration::from_millis(20) });
    let settings = Settings { balance: at_once(), ..brisk() };
    let endpoints = servers.iter().map(Scripted::endpoint);
    let owner = caller();
    let callee = owner.callee(Target { health, ..service(endpoints, settings) });
    let calls = |server: &Scripted| server.seen().iter().filter(|line| !line.contains("health")).count();
    let checked = || tokio::time::sleep(Duration::from_millis(100));
    ill[0].store(true, Relaxed);
    checked().await;
    for _ in 0..20 {
        assert_eq!(ask(&callee, get("/")).await.told, "200 ");
    }
    assert_eq!(servers.each_ref().map(calls), [0, 20]);
    let now = callee.explain().endpoints;
    let why = of(&now, &servers[0]).why.as_deref();
    assert_eq!(why, Some("its health check failed: it answered 503 Service Unavailable"));
    // Where none is well all are asked.
    ill[1].store(true, Relaxed);
    checked().await;
    assert_eq!(ask(&callee, get("/")).await.told, "200 ");
    for ill in &ill {
        ill.store(false, Relaxed);
    }
    checked().await;
    let before = calls(&servers[0]);
    for _ in 0..100 {
        assert_eq!(ask(&callee, get("/")).await.told, "200 ");
    }
    assert!(calls(&servers[0]) > before, "it is back");
    let opened = callee.snapshot().connections_opened;
    assert!(opened <= 4, "checks keep their connections: {opened} were opened");
}
