//! What the engine wants sent, sent: requests as services see them, and what their answers mean.
//!
//! It does not retry (the core decides that) and keeps nothing durable. What is live about a service (addresses,
//! timeouts, headers) is looked up at each call, so that a changed system file holds for running sagas too.

mod request;
mod service;
mod settings;
pub(crate) mod trace;
mod webhook;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use ondol_call::{Lane, Once, Rules, Sent, Try, Verdict, classify};
use ondol_core::{Half, Outcome};
use ondol_engine::{Answered, Caller, Came, NoticeCall, NoticeCame, Notified, Reach, StepCall};

use service::Services;
pub(crate) use service::{BadService, Service, ServiceNow};
pub(crate) use webhook::Signer;

use crate::clock;
use crate::proxy::{Route, Routes};
use crate::spans::{Seen, Sightings};

/// A call that waits for a place in the pool of its service waits this long at most. The engine bounds how many wait; a
/// short time here would make a slow service look like one that is away.
const PLACE_WAIT: Duration = Duration::from_secs(30);

/// Time for the body of an answer whose head came at the last moment.
const BODY_MARGIN: Duration = Duration::from_secs(20);

/// Receivers of notices whose connections are kept. Beyond it all are forgotten and opened again.
const RECEIVERS_MAX: usize = 256;

/// The engine's caller.
pub(crate) struct Outbound {
    caller: ondol_call::Caller,
    /// The proxy's: connections of its own, and one policy with the engine's.
    proxied: ondol_call::Caller,
    routes: Arc<Routes>,
    live: RwLock<Arc<Live>>,
    receivers: Arc<Mutex<HashMap<String, ondol_call::Callee>>>,
    signer: Option<Arc<Signer>>,
    /// Why each service was sent nothing, the last time that was so.
    unreachable: Arc<Mutex<BTreeMap<Arc<str>, String>>>,
    /// What was seen of attempts, for their spans.
    sightings: Arc<Sightings>,
}

#[derive(Default)]
struct Live {
    services: Services,
    webhooks: HashMap<String, String>,
}

impl Outbound {
    /// `proxied` is made beside `caller`, inside the proxy's runtime.
    pub(crate) fn new(
        caller: ondol_call::Caller,
        proxied: ondol_call::Caller,
        signer: Option<Signer>,
        sightings: Arc<Sightings>,
    ) -> Self {
        Self {
            caller,
            proxied,
            routes: Arc::default(),
            live: RwLock::default(),
            receivers: Arc::default(),
            signer: signer.map(Arc::new),
            unreachable: Arc::default(),
            sightings,
        }
    }

    /// Makes a system live. `webhooks` are addresses by definition.
    pub(crate) fn install(&self, services: BTreeMap<String, Service>, webhooks: HashMap<String, String>) {
        let mut routes = HashMap::with_capacity(services.len());
        let services = services.into_iter().map(|(name, service)| {
            let callee = self.caller.callee(service.target.clone());
            let proxied = self.proxied.callee(service.target);
            let route = Route {
                callee: proxied.clone(),
                headers: service.headers.clone(),
                patterns: service.patterns,
            };
            // A host has no case.
            routes.insert(name.to_ascii_lowercase(), Arc::new(route));
            let ready =
                service::Ready { callee, proxied, headers: service.headers, timeouts: service.timeouts };
            (name, Arc::new(ready))
        });
        let live = Arc::new(Live { services: services.collect(), webhooks });
        self.routes.install(routes);
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = live;
    }

    /// The services as the proxy calls them.
    pub(crate) fn routes(&self) -> Arc<Routes> {
        Arc::clone(&self.routes)
    }

    /// Counters of every target.
    pub(crate) fn snapshot(&self) -> Vec<(String, ondol_call::Snapshot)> {
        self.caller.snapshot()
    }

    /// How each service of the system is called, as it stands, in the order of their names.
    pub(crate) fn services(&self) -> Vec<ServiceNow> {
        let mut services: Vec<_> = self.live().services.values().map(|ready| ready.now()).collect();
        services.sort_by(|a, b| a.target.name.cmp(&b.target.name));
        services
    }

    /// How one service is called; none where the system does not have it.
    pub(crate) fn service(&self, name: &str) -> Option<ServiceNow> {
        self.live().services.get(name).map(|ready| ready.now())
    }

    /// Why a service was sent nothing, the last time that was so.
    pub(crate) fn unreachable(&self, service: &str) -> Option<String> {
        self.unreachable.lock().unwrap_or_else(PoisonError::into_inner).get(service).cloned()
    }

    /// Ends every connection, waiting for calls on their way.
    pub(crate) async fn shutdown(&self, within: Duration) -> bool {
        let by = clock::after(within);
        let (own, proxied) = tokio::join!(self.caller.shutdown(by), self.proxied.shutdown(by));
        own && proxied
    }

    fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn receiver(&self, origin: &str) -> Result<ondol_call::Callee, ondol_call::EndpointError> {
        let mut receivers = self.receivers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(callee) = receivers.get(origin) {
            return Ok(callee.clone());
        }
        if receivers.len() >= RECEIVERS_MAX {
            receivers.clear();
        }
        let target = ondol_call::Target::new(format!("notices to {origin}"), vec![origin.parse()?]);
        let callee = self.caller.callee(target);
        receivers.insert(origin.to_owned(), callee.clone());
        Ok(callee)
    }
}

impl Caller for Outbound {
    fn call(&self, call: StepCall) -> Answered<Came> {
        let Some(service) = self.live().services.get(&*call.service).cloned() else {
            tracing::warn!(saga = %call.saga, service = %call.service, "the system has no such service; its calls wait");
            let why = "the system file does not have this service any more; add it again".to_owned();
            note(&self.unreachable, &call.service, why);
            return Box::pin(std::future::ready(Came {
                outcome: Outcome::NotSent,
                reach: Reach::Unreachable,
            }));
        };
        let (unreachable, sightings) = (Arc::clone(&self.unreachable), Arc::clone(&self.sightings));
        Box::pin(async move {
            let definition = &call.blueprint.definition;
            let Some(half) = definition.call(call.attempt.step, call.attempt.half) else {
                return unsendable("the definition has no such half".into());
            };
            let response = half.timeout_ms().map_or(service.timeouts.response, Duration::from_millis);
            let request = match request::of_step(&call, &service, response) {
                Ok(request) => request,
                Err(why) => return unsendable(why.to_string().into()),
            };
            let patience = PLACE_WAIT + service.timeouts.connect + response + BODY_MARGIN;
            let once = Once {
                lane: match call.attempt.half {
                    Half::Action => Lane::Forward,
                    Half::Compensation => Lane::Undoing,
                },
                // What Ondol lost itself by stopping is repeated at once, and costs no budget.
                repeated: call.failures > 0,
            };
            let from_ns = clock::wall_ns();
            let sent = service.callee.send(request, clock::after(patience), once).await;
            if !matches!(sent.result, Try::NotSent(_)) {
                sightings.put(call.run, call.attempt, Seen::of(&sent, (from_ns, clock::wall_ns())));
            }
            let rules = Rules {
                compensation: call.attempt.half == Half::Compensation,
                accept: half.accept(),
                retry_on: half.retry_on(),
            };
            let verdict = classify(&call.service, &sent, &rules, clock::wall_ms());
            let reach = reach(&sent);
            let outcome = outcome(verdict, |why| {
                tracing::debug!(saga = %call.saga, service = %call.service, %why, "sent nothing");
                if reach == Reach::Unreachable {
                    note(&unreachable, &call.service, why);
                }
            });
            Came { outcome, reach }
        })
    }

    fn notify(&self, call: NoticeCall) -> Answered<NoticeCame> {
        let live = self.live();
        let url = live.webhooks.get(&*call.definition).map_or(&*call.url, String::as_str);
        let prepared =
            webhook::split(url).and_then(|(origin, path)| Some((self.receiver(origin).ok()?, path)));
        let Some((callee, path)) = prepared else {
            tracing::warn!(saga = %call.saga, definition = %call.definition, "nobody takes its notices any more");
            let (notified, reach) = (Notified::Failed, Reach::Untold);
            return Box::pin(std::future::ready(NoticeCame { notified, reach }));
        };
        let request = webhook::request(&call, path, self.signer.as_deref(), clock::wall_ms());
        Box::pin(async move {
            let sent = callee.send(request, clock::after(webhook::DEADLINE), Once::FIRST).await;
            let reach = reach(&sent);
            let notified = match sent.result {
                Try::Answered(answer) if answer.status.is_success() => Notified::Delivered,
                Try::Answered(answer) => {
                    tracing::info!(saga = %call.saga, notice = %call.id, status = %answer.status, "the notice was not taken");
                    Notified::Failed
                }
                Try::Unclear(_) => Notified::Failed,
                Try::NotSent(_) => Notified::NotSent,
            };
            NoticeCame { notified, reach }
        })
    }
}

/// What a call tells about its target. An address that had no place on our side may well be there, so the target is away
/// only if every address that was tried was.
fn reach(sent: &Sent) -> Reach {
    match &sent.result {
        Try::Answered(_) | Try::Unclear(_) => Reach::Reached,
        Try::NotSent(last) if last.why.is_deferral() => Reach::Deferred,
        Try::NotSent(last) if last.why.is_ours() || sent.unsent.iter().any(|one| one.why.is_ours()) => {
            Reach::Untold
        }
        Try::NotSent(_) => Reach::Unreachable,
    }
}

/// A request that cannot be written is as good as one that would differ: a person must look.
fn unsendable(why: Arc<str>) -> Came {
    Came { outcome: Outcome::Changed(why), reach: Reach::Untold }
}

fn outcome(verdict: Verdict, unsent: impl FnOnce(String)) -> Outcome {
    match verdict {
        Verdict::Done { body } => Outcome::Done(Arc::from(&*body)),
        Verdict::DoneUnusable { reason } => Outcome::Unusable(reason.into()),
        Verdict::Refused { reason, sealed } => Outcome::Refused { reason: reason.into(), sealed },
        Verdict::Unclear { reason, retry_after_ms } => {
            Outcome::Unclear { reason: reason.into(), retry_after_ms }
        }
        Verdict::NotSent { reason } => {
            unsent(reason);
            Outcome::NotSent
        }
    }
}

fn note(unreachable: &Mutex<BTreeMap<Arc<str>, String>>, service: &Arc<str>, why: String) {
    let mut unreachable = unreachable.lock().unwrap_or_else(PoisonError::into_inner);
    unreachable.insert(Arc::clone(service), why);
}

#[cfg(test)]
mod tests {
    use ondol_call::{NotSent, NotSentReason};

    use super::*;

    #[test]
    fn a_target_is_away_only_if_every_address_is() {
        let refused = || NotSentReason::Connect(std::io::ErrorKind::ConnectionRefused.into());
        let full = || NotSentReason::QueueFull { places: 1, waiting: 1 };
        // Tries before the last one, the last one, what they tell.
        let table = [
            (vec![], refused(), Reach::Unreachable),
            (vec![refused()], refused(), Reach::Unreachable),
            (vec![], full(), Reach::Untold),
            (vec![refused()], full(), Reach::Untold),
            (vec![full()], refused(), Reach::Untold),
            (vec![], NotSentReason::BudgetEmpty, Reach::Deferred),
        ];
        for (before, last, expected) in table {
            let told = format!("{before:?}, then {last:?}");
            let unsent = before.into_iter().map(|why| NotSent { endpoint: None, why }).collect();
            let sent = Sent { unsent, result: Try::NotSent(NotSent { endpoint: None, why: last }) };
            assert_eq!(reach(&sent), expected, "{told}");
        }
    }
}
