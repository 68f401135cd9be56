//! From what was gathered to a case, and from that to the story.

use std::collections::BTreeSet;

use ondol_telemetry::trace::Failure;
use ondol_telemetry::why::{Case, Language, Missing, Story, render, tell};
use ondol_telemetry::{Signal, Telemetry};

use super::gather::Gathered;
use super::saga;
use crate::app::App;
use crate::clock;

/// A story, and what it was told of.
pub(crate) struct Told {
    pub(crate) saga: Option<String>,
    pub(crate) trace_id: Option<String>,
    pub(crate) failure: Option<Failure>,
    pub(crate) spans: usize,
    pub(crate) story: Story,
    pub(crate) text: String,
    pub(crate) away: Option<String>,
}

/// Tells it.
pub(crate) fn told(app: &App, id: &str, gathered: Gathered, language: Language) -> Told {
    let Gathered { story, trace_id, tree, failure, logs, unreachable, away } = gathered;
    let saga = story.as_ref().map(|story| saga::of(story, &tree, &unreachable));
    let services: BTreeSet<String> = saga.iter().flat_map(concerned).collect();
    let missing = app.telemetry.open().map(|store| missing(store, &services)).unwrap_or_default();
    let (saga_id, spans) = (saga.as_ref().map(|saga| saga.id.clone()), tree.len());
    let trace = (!tree.is_empty()).then_some(tree);
    let case = Case { id: id.to_owned(), now_ns: clock::wall_ns(), saga, trace, logs, missing };
    let story = tell(&case, language);
    let text = render(&story);
    Told { saga: saga_id, trace_id: trace_id.map(|id| id.to_string()), failure, spans, story, text, away }
}

/// Services that were sent something.
fn concerned(saga: &ondol_telemetry::why::Saga) -> impl Iterator<Item = String> + '_ {
    saga.steps.iter().filter(|step| !step.attempts.is_empty()).map(|step| step.service.clone())
}

/// What the ledger says of the services concerned.
fn missing(store: &Telemetry, services: &BTreeSet<String>) -> Missing {
    let ledger = store.ledger();
    let of = |signal| {
        let accounts = ledger.iter().filter(move |account| account.signal == signal);
        let concerned = accounts.filter(|account| services.contains(&account.service));
        concerned.map(|account| account.counted.rejected).sum()
    };
    let silent = |service: &&String| !ledger.iter().any(|account| account.service == **service);
    Missing {
        spans_rejected: of(Signal::Traces),
        logs_rejected: of(Signal::Logs),
        silent: services.iter().filter(silent).cloned().collect(),
    }
}
