//! Services that say nothing: each wait ends in its own timeout, not much later.

use std::time::Duration;

use ondol_call::policy::settings::Settings;
use ondol_call::{PoolLimits, Protocol, Target, Timeouts};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::asked::{ask, brisk, service};
use crate::support::{Scripted, black_hole, caller, post};

const WAIT: Duration = Duration::from_millis(500);

#[tokio::test]
async fn a_wait_ends_in_its_own_timeout() {
    let (hole, _filling) = black_hole();
    let silent = Scripted::new(|mut peer| peer.wait_for_end());
    #[rustfmt::skip]
    let table = [
        (hole,              "not sent: not connected within 500 ms"),
        (silent.endpoint(), "unclear: no answer within "),
    ];
    for (endpoint, told) in table {
        let settings = Settings { response: Some(WAIT), ..brisk() };
        let timeouts = Timeouts { connect: WAIT, ..Timeouts::default() };
        let callee = caller().callee(Target { timeouts, ..service([endpoint], settings) });
        let began = Instant::now();
        let asked = ask(&callee, post("/", "{}")).await;
        let took = began.elapsed();
        assert!(asked.told.starts_with(told), "{}", asked.told);
        assert!(took >= WAIT.mul_f64(0.8) && took <= WAIT.mul_f64(1.2), "{took:?}: {}", asked.story);
    }
}

/// HTTP/2 opens one connection at a time: whoever comes meanwhile waits for it, and not for its own turn after it.
#[tokio::test]
async fn a_wait_for_another_calls_connection_is_a_part_of_connecting() {
    let silent = Scripted::new(|mut peer| peer.wait_for_end());
    let (hole, _filling) = black_hole();
    for endpoint in [hole, silent.endpoint()] {
        let timeouts = Timeouts { connect: WAIT, ..Timeouts::default() };
        // As the system file has it: the throttle, not the pool, bounds who waits.
        let pool = PoolLimits { wait_max: Duration::from_secs(30), ..PoolLimits::default() };
        let target = Target { protocol: Protocol::Http2, timeouts, pool, ..service([endpoint], brisk()) };
        let callee = caller().callee(target);
        let mut calls = JoinSet::new();
        for number in 0..4_u32 {
            let callee = callee.clone();
            calls.spawn(async move {
                tokio::time::sleep(WAIT.mul_f64(0.2) * number).await;
                let began = Instant::now();
                (ask(&callee, post("/", "{}")).await.told, began.elapsed())
            });
        }
        for (told, took) in calls.join_all().await {
            assert!(told.starts_with("not sent: ") && told.contains("not connected within 500 ms"), "{told}");
            assert!(took <= WAIT.mul_f64(1.2), "{took:?}: {told}");
        }
    }
}
