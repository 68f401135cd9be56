//! One saga in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use ondol_core::{Attempt, Event, Half, Input, Mode, Outcome, Output, Saga, StepId};
use ondol_spec::Secrets;
use ondol_store::journal;
use ondol_store::log::{Entry, Mark};
use tokio::sync::oneshot;

use super::Grant;
use super::line::Place;
use crate::blueprint::Blueprint;
use crate::caller::Request;
use crate::error::{ActError, SubmitError};
use crate::handle::{Acted, Reached, Submitted, VerbRequest};
use crate::id::SagaId;
use crate::room::Room;

/// Errands one saga may have waiting; a person or a client that sends more is asked to come again.
pub(crate) const ERRANDS_MAX: usize = 256;

/// What somebody wants of a saga. Errands of one saga are done one after the other.
#[derive(Debug)]
pub(crate) enum Errand {
    /// Feed this input; it happened at this (engine) time or later.
    Input { input: Input, not_before_ms: u64 },
    /// A target let this call go.
    Granted(Work, Grant),
    /// A person acts.
    Verb(VerbRequest, Room, oneshot::Sender<Result<Acted, ActError>>),
    /// Tell how the saga stands; it was submitted again with a request of this digest.
    Repeat(u128, oneshot::Sender<Result<Submitted, SubmitError>>),
    /// Tell when the saga has ended or needs a person.
    Watch(oneshot::Sender<Option<Reached>>),
}

/// What may wait in line at a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// An attempt.
    Call(Attempt),
    /// A notice, by its number.
    Notice(u16),
}

/// How far something wanted has come outside the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It waits in line, at this place; nothing was sent.
    Lined(Place),
    /// It is on its way.
    Sent,
    /// It came back; its outcome is being recorded. Should it have to line up again, this is where.
    Back(Turn),
}

/// Where a call that did not leave lines up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It keeps its turn.
    First,
    /// Others may be ready where it is not.
    Last,
}

/// Something wanted that is under way outside the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Underway {
    pub(crate) work: Work,
    /// When it lined up first (monotonic milliseconds).
    pub(crate) since_ms: u64,
    pub(crate) progress: Progress,
}

/// Where a saga is in memory.
#[derive(Debug)]
pub(crate) enum Slot {
    /// Its journal is being read. `lined`: work that waits in line, from before it was put to sleep.
    Loading { errands: VecDeque<Errand>, lined: Vec<Underway> },
    /// All of it is in memory.
    Live(Box<Live>),
    /// Only its name, and what it waits for, is in memory.
    Asleep { lined: Vec<Underway> },
}

/// A saga that is all in memory.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) saga: Saga,
    pub(crate) blueprint: Arc<Blueprint>,
    /// Records in its stream.
    pub(crate) records: u64,
    /// What is being appended.
    pub(crate) staged: Option<Staged>,
    pub(crate) errands: VecDeque<Errand>,
    pub(crate) work: Vec<Underway>,
    /// Requests rendered for an attempt that did not leave yet.
    pub(crate) rendered: Vec<((StepId, Half), Arc<Request>)>,
    /// Its turn to leave memory, where nothing keeps it there but that there is room.
    pub(crate) idle: Option<u64>,
    /// A timer that fired proved that it is at least this late (Unix milliseconds), whatever the clock shows.
    pub(crate) floor_ms: u64,
}

/// The state once the append is durable, and who waits for that.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) saga: Saga,
    pub(crate) rendered: Vec<((StepId, Half), Arc<Request>)>,
    pub(crate) reply: Option<Reply>,
}

/// Who waits for an append.
#[derive(Debug)]
pub(crate) enum Reply {
    Submitted(oneshot::Sender<Result<Submitted, SubmitError>>),
    Acted(Acted, oneshot::Sender<Result<Acted, ActError>>),
}

impl Live {
    pub(crate) fn new(saga: Saga, blueprint: Arc<Blueprint>, records: u64) -> Self {
        Self {
            saga,
            blueprint,
            records,
            staged: None,
            errands: VecDeque::new(),
            work: Vec::new(),
            rendered: Vec::new(),
            idle: None,
            floor_ms: 0,
        }
    }

    /// Decides an input together with the questions it raises: one batch of events, one append.
    pub(crate) fn transition(
        &self,
        id: &SagaId,
        input: &Input,
        now_ms: u64,
        secrets: &Secrets,
    ) -> Transition {
        let mut saga = self.saga.clone();
        let mut events = saga.decide(input, now_ms);
        let mut rendered = Vec::new();
        let mut fresh = 0;
        loop {
            for event in &events[fresh..] {
                saga.apply(event).expect("a decided event applies; the explorer proves it");
            }
            fresh = events.len();
            // Each answer settles its question, so this ends after as many rounds as there are questions.
            let Some(question) = saga.wanted().questions.first().copied() else { break };
            let answered = self.blueprint.answer(id, &saga, question, secrets);
            rendered.extend(answered.request);
            events.extend(saga.decide(&Input::Answer(question, answered.answer), now_ms));
            if events.len() == fresh {
                break;
            }
        }
        Transition { saga, events, rendered }
    }

    pub(crate) fn underway(&self, work: Work) -> Option<Underway> {
        self.work.iter().find(|underway| underway.work == work).copied()
    }

    pub(crate) fn progress_of(&self, work: Work) -> Option<Progress> {
        self.underway(work).map(|underway| underway.progress)
    }

    /// Puts work under way, where it is not yet, and tells how far it has come.
    pub(crate) fn set_progress(&mut self, work: Work, progress: Progress, mono_ms: u64) {
        match self.work.iter_mut().find(|underway| underway.work == work) {
            Some(underway) => underway.progress = progress,
            None => self.work.push(Underway { work, since_ms: mono_ms, progress }),
        }
    }

    /// Has it nothing on its way, and nothing being recorded?
    pub(crate) fn may_sleep(&self) -> bool {
        self.staged.is_none()
            && self.errands.is_empty()
            && self.work.iter().all(|underway| matches!(underway.progress, Progress::Lined(_)))
    }

    /// A rough count of the bytes it holds.
    pub(crate) fn weight(&self) -> usize {
        const FIXED: usize = 1_024;
        const PER_STEP: usize = size_of::<ondol_core::StepState>();
        let (newest, copies, fresh) = match &self.staged {
            None => (&self.saga, 1, 0),
            Some(staged) => (&staged.saga, 2, rendered_bytes(&staged.rendered)),
        };
        // Payloads are shared between the two, and the newer one has all of them.
        let inputs: usize = newest.inputs().iter().map(|input| input.len()).sum();
        let outputs = newest.steps().iter().filter_map(|step| step.output.as_ref());
        let errands: usize = self.errands.iter().map(Errand::bytes).sum();
        FIXED
            + PER_STEP * newest.steps().len() * copies
            + inputs
            + outputs.map(|output| output.len()).sum::<usize>()
            + match newest.output() {
                Output::Some(output) => output.len(),
                Output::None | Output::Error(_) => 0,
            }
            + rendered_bytes(&self.rendered)
            + fresh
            + errands
    }
}

fn rendered_bytes(rendered: &[((StepId, Half), Arc<Request>)]) -> usize {
    rendered.iter().map(|(_, request)| request.body.len() + request.path_and_query.len()).sum()
}

impl Errand {
    /// What it holds besides itself. An answer that waits to be recorded may have a megabyte.
    fn bytes(&self) -> usize {
        match self {
            Self::Input { input: Input::Outcome(_, Outcome::Done(output)), .. } => output.len(),
            Self::Verb(request, ..) => request.payload.as_ref().map_or(0, |payload| payload.len()),
            Self::Input { .. } | Self::Granted(..) | Self::Repeat(..) | Self::Watch(_) => 0,
        }
    }
}

/// What an input comes to.
pub(crate) struct Transition {
    pub(crate) saga: Saga,
    pub(crate) events: Vec<Event>,
    pub(crate) rendered: Vec<((StepId, Half), Arc<Request>)>,
}

/// The record of one batch. Its mark tells a restart whether the saga must be read at once (`0`), at a time
/// (Unix milliseconds), or not by itself (`u64::MAX`).
pub(crate) fn entry(id: &SagaId, records: u64, events: &[Event], saga: &Saga) -> Entry {
    Entry {
        stream: id.stream(),
        expected_seq: records,
        bytes: Bytes::from(journal::encode(events)),
        mark: mark(saga),
    }
}

fn mark(saga: &Saga) -> Mark {
    let wanted = saga.wanted();
    if !wanted.calls.is_empty() || !wanted.questions.is_empty() {
        return Mark::Open { hint: 0 };
    }
    let due_ms = wanted.notices.iter().map(|notice| notice.due_ms).chain(wanted.wake_at_ms).min();
    match due_ms {
        Some(due_ms) => Mark::Open { hint: due_ms.max(1) },
        None if saga.phase().ended() => Mark::Closed,
        None => Mark::Open { hint: u64::MAX },
    }
}

/// Is an attempt of the half under way as far as the core goes?
pub(crate) fn is_wanted(saga: &Saga, attempt: Attempt) -> bool {
    saga.progress(attempt.step, attempt.half)
        .is_some_and(|progress| progress.mode == Mode::InFlight && progress.attempt == attempt.number)
}
