//! Services that say nothing: each wait ends in its own timeout, not much later.

use std::time::Duration;

use ondol_call::policy::settings::Settings;
use ondol_call::{Target, Timeouts};
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
