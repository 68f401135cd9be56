//! What the rest of Ondol holds of the engine. Cheap to clone.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use ondol_core::{Half, Payload, Permit, Phase, Saga, Text, VerbKind};
use ondol_spec::{Definition, Secrets};
use ondol_store::log::{Log, Position};
use tokio::sync::{mpsc, oneshot, watch};

use crate::blueprint::Blueprint;
use crate::error::{ActError, ReadError, SubmitError};
use crate::id::SagaId;
use crate::registry::Registry;
use crate::room::{INBOX_BYTES_MAX, Rooms};
use crate::runner::{Message, TargetStatus};
use crate::stats::Stats;
use crate::story::Story;

/// Messages that may wait for the runner; beyond it a client is asked to come again.
pub(crate) const INBOX_MAX: usize = 4_096;

/// A saga to run.
#[derive(Debug)]
pub struct SubmitRequest {
    /// Its id.
    pub id: SagaId,
    /// What to run.
    pub definition: Chosen,
    /// Its input, JSON.
    pub input: Payload,
    /// Digest of everything the client sent; a repeat has the same.
    pub digest: u128,
    /// A fresh number for this run; chance is an argument.
    pub run: u128,
    /// W3C trace id and parent span id of the client, zero where there is none.
    pub trace: (u128, u64),
}

/// The definition a saga shall follow.
#[derive(Debug)]
pub enum Chosen {
    /// One that the system has.
    Named {
        /// Its name.
        name: String,
        /// Its version; the newest where none is given.
        version: Option<u32>,
    },
    /// One that came with the request.
    Inline(Arc<Definition>),
}

/// A saga is accepted: durable, and it will come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// False where the same request had been accepted before.
    pub created: bool,
    /// Where it is.
    pub phase: Phase,
    /// Its last event.
    pub seq: u64,
    /// The definition it follows.
    pub definition: Arc<str>,
    /// The version it is pinned to.
    pub version: u32,
}

/// What a person asks of a saga.
#[derive(Clone, Debug)]
pub struct VerbRequest {
    /// What to do.
    pub kind: VerbKind,
    /// The step it is about; may be left out where only one can be meant.
    pub step: Option<String>,
    /// The half it is about; where it is left out, the one that is being tried.
    pub half: Option<Half>,
    /// The output (`complete`) or the input (`edit`), JSON.
    pub payload: Option<Payload>,
    /// The notice (`resend`).
    pub notice: Option<u16>,
    /// Why.
    pub note: Text,
    /// Who they say they are.
    pub by: Option<Text>,
    /// The batch that it is part of.
    pub batch: Option<Text>,
    /// Only if the saga's last event has this number.
    pub if_seq: Option<u64>,
}

/// A verb was carried out, durably.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acted {
    /// The saga's last event now.
    pub seq: u64,
    /// Did it take effect, or does it wait for the pivot?
    pub permit: Permit,
}

/// How a saga stands.
#[derive(Clone, Debug)]
pub struct Reached {
    /// Its durable state.
    pub saga: Saga,
    /// The definition it is pinned to.
    pub blueprint: Arc<Blueprint>,
}

#[derive(Debug)]
pub(crate) struct PutDefinitions {
    pub(crate) definitions: Vec<Arc<Definition>>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) windows: Windows,
}

/// Calls that services get at once, where the system file bounds them.
pub type Windows = std::collections::BTreeMap<String, u32>;

/// How the engine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Reading the store.
    Starting,
    /// Working.
    Ready,
    /// A write failed; the store is being opened again.
    Reopening(String),
    /// It has stopped.
    Stopped(String),
}

/// What is shared between the runner and its handles.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) stats: Arc<Stats>,
    pub(crate) registry: RwLock<Arc<Registry>>,
    pub(crate) log: RwLock<Option<LogCell>>,
    pub(crate) health: watch::Sender<Health>,
    pub(crate) position: watch::Sender<Position>,
}

/// The log, printable.
#[derive(Clone)]
pub(crate) struct LogCell(pub(crate) Arc<dyn Log>);

impl std::fmt::Debug for LogCell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Log")
    }
}

/// The engine, as clients see it.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(crate) inbox: mpsc::Sender<Message>,
    pub(crate) rooms: Rooms,
    pub(crate) shared: Arc<Shared>,
}

impl Handle {
    /// Has a saga run. When this returns, the saga is durable.
    ///
    /// # Errors
    ///
    /// [`SubmitError`]; after `OutcomeUnknown` the same request with the same id is safe and tells what happened.
    pub async fn submit(&self, request: SubmitRequest) -> Result<Submitted, SubmitError> {
        let (reply, answer) = oneshot::channel();
        let Some(room) = self.rooms.take(request.input.len()) else {
            return Err(SubmitError::Overloaded { limit: INBOX_BYTES_MAX });
        };
        match self.inbox.try_send(Message::Submit(Box::new(request), room, reply)) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => {
                return Err(SubmitError::Overloaded { limit: INBOX_MAX });
            }
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(SubmitError::ShuttingDown),
        }
        answer.await.unwrap_or(Err(SubmitError::OutcomeUnknown))
    }

    /// Has a person's verb carried out. When this returns, it is durable.
    ///
    /// # Errors
    ///
    /// [`ActError`].
    pub async fn act(&self, id: SagaId, request: VerbRequest) -> Result<Acted, ActError> {
        let (reply, answer) = oneshot::channel();
        let bytes = request.payload.as_ref().map_or(0, |payload| payload.len());
        let Some(room) = self.rooms.take(bytes) else { return Err(ActError::Overloaded) };
        match self.inbox.try_send(Message::Act(id, request, room, reply)) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Err(ActError::Overloaded),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(ActError::ShuttingDown),
        }
        answer.await.unwrap_or(Err(ActError::OutcomeUnknown))
    }

    /// Waits until a saga has ended or is parked, or the time is up, and tells how it stands then.
    ///
    /// # Errors
    ///
    /// [`ReadError`]; `None` where there is no such saga.
    pub async fn settled(&self, id: &SagaId, within: Duration) -> Result<Option<Reached>, ReadError> {
        let (reply, answer) = oneshot::channel();
        let watched = async {
            self.inbox.send(Message::Watch(id.clone(), reply)).await.ok()?;
            answer.await.ok()?
        };
        if let Ok(Some(reached)) = tokio::time::timeout(within, watched).await {
            return Ok(Some(reached));
        }
        // It left memory before it was asked for, or time is up: the log knows.
        let story = self.read(id).await?;
        Ok(story.map(|story| Reached { saga: story.saga, blueprint: story.blueprint }))
    }

    /// Reads a saga back from its journal.
    ///
    /// # Errors
    ///
    /// [`ReadError`]; `None` where there is no such saga.
    pub async fn read(&self, id: &SagaId) -> Result<Option<Story>, ReadError> {
        let log = self.log()?;
        let registry = self.definitions();
        match Story::read(&*log, &registry, id).await {
            Ok(story) => Ok(Some(story)),
            Err(untold) => untold.read_error(id),
        }
    }

    /// Puts definitions in, and the secrets and bounds that calls are made with from now on. A changed definition becomes a new
    /// version. When this returns they are durable.
    ///
    /// # Errors
    ///
    /// [`SubmitError::OutcomeUnknown`] or [`SubmitError::ShuttingDown`].
    pub async fn put(
        &self,
        definitions: Vec<Arc<Definition>>,
        secrets: Arc<Secrets>,
        windows: Windows,
    ) -> Result<Vec<(Arc<str>, u32)>, SubmitError> {
        let (reply, answer) = oneshot::channel();
        let message = Message::Put(PutDefinitions { definitions, secrets, windows }, reply);
        self.inbox.send(message).await.map_err(|_| SubmitError::ShuttingDown)?;
        answer.await.map_err(|_| SubmitError::OutcomeUnknown)
    }

    /// Every version of every definition.
    #[must_use]
    pub fn definitions(&self) -> Arc<Registry> {
        Arc::clone(&self.shared.registry.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// How each target stands: the services, and the receivers of notices.
    pub async fn targets(&self) -> Vec<(Arc<str>, TargetStatus)> {
        let (reply, answer) = oneshot::channel();
        if self.inbox.send(Message::Targets(reply)).await.is_err() {
            return Vec::new();
        }
        answer.await.unwrap_or_default()
    }

    /// Counters.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.shared.stats
    }

    /// How the engine is, and every change of that.
    #[must_use]
    pub fn health(&self) -> watch::Receiver<Health> {
        self.shared.health.subscribe()
    }

    /// The last durable position, and every change of that. Only a wake-up: what happened is read from the log.
    #[must_use]
    pub fn position(&self) -> watch::Receiver<Position> {
        self.shared.position.subscribe()
    }

    /// The log, for one operation. Whoever keeps it longer delays its being opened again.
    ///
    /// # Errors
    ///
    /// [`ReadError::Reopening`] while there is none.
    pub fn log(&self) -> Result<Arc<dyn Log>, ReadError> {
        let log = self.shared.log.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        log.as_ref().map(|cell| Arc::clone(&cell.0)).ok_or(ReadError::Reopening)
    }
}
