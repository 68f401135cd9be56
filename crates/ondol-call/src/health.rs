//! Active health checks: each endpoint of a target that says where it tells whether it is well is asked now and then,
//! beside the calls, over the same connections.

use std::sync::{Arc, Weak};
use std::time::Duration;

use http::Method;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::attempt::{Bounds, Ended, attempt};
use crate::body::Body;
use crate::call::read;
use crate::callee::Shared;
use crate::clock;
use crate::pool::Pool;
use crate::request::Request;
use crate::target::Health;

/// Whoever needs longer to say that it is well is not.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Asks every endpoint of `shared` until it is replaced or `stop` says so.
pub(crate) async fn watch(shared: Weak<Shared>, health: Health, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(health.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let Some(shared) = shared.upgrade() else { return };
        for pool in shared.pools.all() {
            if stop.run_until_cancelled(ask(&shared, &pool, &health)).await.is_none() {
                return;
            }
        }
    }
}

async fn ask(shared: &Shared, pool: &Arc<Pool>, health: &Health) {
    let until = clock::after(clock::now(), ANSWER_WITHIN);
    let bounds = Bounds {
        headers: &shared.headers,
        connect: shared.timeouts.connect,
        response: None,
        body_idle: ANSWER_WITHIN,
        streams: false,
        deadline: Some(until),
        asked: Some(until),
        tells: false,
    };
    let request = Request::new(Method::GET, health.path.clone(), Body::absent());
    let failed = match attempt(pool, &request, &bounds, None, false, &shared.counters).await {
        Ended::Answered(answer) => {
            let status = answer.status();
            // For its connection's sake.
            read(answer).await;
            (!status.is_success()).then(|| format!("it answered {status}"))
        }
        // Our own bounds say nothing of it, nor does a kept connection that was closed meanwhile.
        Ended::Unsent(why) if why.is_ours() || why.is_uncounted() => return,
        Ended::Unsent(why) => Some(why.to_string()),
        Ended::Unclear(why) => Some(why.to_string()),
    };
    shared.desk.checked(&pool.endpoint, failed);
}
