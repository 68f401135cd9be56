//! What must be true of targets and of recovery while things are going on, and not of any one saga.

use std::collections::BTreeMap;
use std::time::Duration;

use ondol_engine::Handle;
use tokio::time::sleep;

use super::client::saga_id;
use super::network::Network;

/// The engine lets a probe go ten seconds after the last one at the latest; the rest is for a store that is opened again.
const CALLED_WITHIN: Duration = Duration::from_secs(14);

/// The store fails a few times in a row at most.
const LOOKS_MAX: u32 = 5;

/// What sagas want of each target.
#[derive(PartialEq, Eq)]
struct Wanted {
    /// How far each saga is.
    seqs: Vec<u64>,
    calls: BTreeMap<String, usize>,
}

impl Wanted {
    /// As the log tells it; `None` where it cannot be read now.
    async fn read(handle: &Handle, ids: &[String]) -> Option<Self> {
        let mut wanted = Self { seqs: Vec::new(), calls: BTreeMap::new() };
        for id in ids {
            let Some(story) = handle.read(&saga_id(id)).await.ok()? else {
                wanted.seqs.push(0);
                continue;
            };
            wanted.seqs.push(story.saga.seq());
            let now = story.saga.wanted();
            let services = now
                .calls
                .iter()
                .map(|call| story.blueprint.service(call.attempt.step, call.attempt.half).to_string());
            // Notices of one saga go out one after the other.
            let notices = now.notices.first().map(|_| format!("notices of {}", story.blueprint.name));
            for name in services.chain(notices) {
                *wanted.calls.entry(name).or_default() += 1;
            }
        }
        Some(wanted)
    }
}

/// No line may hold more than sagas want. Looked at while no saga moves, or not at all; tells how often that was, and what
/// does not hold.
pub(super) async fn lines(handle: &Handle, ids: &[String]) -> (usize, Vec<String>) {
    let Some(before) = Wanted::read(handle, ids).await else { return (0, Vec::new()) };
    // Whatever had become durable has reached the runner by then.
    sleep(Duration::from_millis(1)).await;
    let targets = handle.targets().await;
    sleep(Duration::from_millis(1)).await;
    if Wanted::read(handle, ids).await.as_ref() != Some(&before) {
        return (0, Vec::new());
    }
    let too_long = targets.iter().filter_map(|(name, status)| {
        let wanted = before.calls.get(&**name).copied().unwrap_or(0);
        let waiting = status.waiting;
        (waiting > wanted).then(|| format!("{waiting} calls wait for {name}, and {wanted} are wanted"))
    });
    (1, too_long.collect())
}

/// After a start everything that was in flight is read back, whoever is away.
pub(super) async fn stuck(handle: &Handle) -> Option<String> {
    let unrecovered = || handle.stats().snapshot().unrecovered;
    let mut left = unrecovered();
    for _ in 0..LOOKS_MAX {
        if left == 0 {
            return None;
        }
        // The store may have been opened again this very moment.
        sleep(Duration::from_secs(3)).await;
        left = unrecovered();
    }
    Some(format!("{left} sagas are not read back, though the store is there"))
}

/// A target that is back must be called soon, if somebody waits for it.
pub(super) async fn called_soon(handle: &Handle, network: &Network, service: &str) -> Option<String> {
    if waiting(handle, service).await == 0 {
        return None;
    }
    let before = network.calls(service);
    sleep(CALLED_WITHIN).await;
    // Nobody waits any more where time ran out for those who did.
    let (waiting, silent) = (waiting(handle, service).await, network.calls(service) == before);
    (silent && waiting > 0)
        .then(|| format!("{service} is back, {waiting} calls wait for it, and it is not called"))
}

async fn waiting(handle: &Handle, service: &str) -> usize {
    let targets = handle.targets().await;
    targets.iter().find(|(name, _)| &**name == service).map_or(0, |(_, status)| status.waiting)
}
