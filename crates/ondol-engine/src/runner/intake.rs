//! What comes in from clients, and what comes back from the log.

use std::collections::VecDeque;
use std::sync::Arc;

use ondol_core::{Input, Phase, Saga, Submission};
use ondol_store::log::Appended;
use tokio::sync::oneshot;

use super::halt::{Broken, Halt};
use super::live::{ERRANDS_MAX, Errand, Live, Reply, Slot, Staged, Transition, Underway, entry};
use super::{Message, Runner, Ticket};
use crate::error::{ActError, SubmitError};
use crate::handle::{Acted, Chosen, SubmitRequest, Submitted};
use crate::id::SagaId;
use crate::story::{Story, Untold};

impl Runner {
    /// Takes in what a client asks.
    pub(crate) fn message(&mut self, message: Message) {
        match message {
            Message::Submit(request, _room, reply) => self.submit(*request, reply),
            Message::Act(id, request, room, reply) => {
                if self.draining {
                    let _ = reply.send(Err(ActError::ShuttingDown));
                } else {
                    self.errand(&id, Errand::Verb(request, room, reply));
                }
            }
            Message::Put(put, reply) => self.put(put, reply),
            Message::Watch(id, reply) => {
                if self.slots.contains_key(&id) || self.unrecovered.contains(&id) {
                    self.errand(&id, Errand::Watch(reply));
                } else {
                    let _ = reply.send(None);
                }
            }
            Message::Targets(reply) => drop(reply.send(self.targets_status())),
        }
        self.deliver_granted();
    }

    fn submit(&mut self, request: SubmitRequest, reply: oneshot::Sender<Result<Submitted, SubmitError>>) {
        if self.slots.contains_key(&request.id) || self.unrecovered.contains(&request.id) {
            return self.errand(&request.id, Errand::Repeat(request.digest, reply));
        }
        if let Err(error) = self.accepts() {
            self.stats.refused();
            let _ = reply.send(Err(error));
            return;
        }
        let blueprint = match request.definition {
            Chosen::Named { name, version } => {
                let Some(blueprint) = self.registry.find(&name, version) else {
                    let _ = reply.send(Err(SubmitError::UnknownDefinition { name, version }));
                    return;
                };
                Arc::clone(blueprint)
            }
            Chosen::Inline(definition) => self.define(definition),
        };
        let submission = Box::new(Submission {
            run: request.run,
            definition: Arc::clone(&blueprint.name),
            version: blueprint.version,
            request: request.digest,
            trace: request.trace,
            input: request.input,
        });
        let saga = Saga::new(Arc::clone(blueprint.definition.plan()));
        let mut live = Box::new(Live::new(saga, blueprint, 0));
        let transition = live.transition(&request.id, &Input::Submit(submission), self.now_ms, &self.secrets);
        self.stage(&request.id, &mut live, transition, Some(Reply::Submitted(reply)));
        self.put_back(request.id, live);
    }

    fn accepts(&self) -> Result<(), SubmitError> {
        if self.draining {
            return Err(SubmitError::ShuttingDown);
        }
        if !self.space.accepting {
            return Err(SubmitError::NoSpace { free_bytes: self.space.free_bytes });
        }
        if self.appending >= self.options.appending_max {
            return Err(SubmitError::Overloaded { limit: self.options.appending_max });
        }
        if self.live_bytes >= self.options.live_bytes_max.saturating_mul(2) {
            return Err(SubmitError::Overloaded { limit: self.options.live_bytes_max });
        }
        Ok(())
    }

    /// Has a transition appended. The state moves on when that is durable.
    pub(super) fn stage(
        &mut self,
        id: &SagaId,
        live: &mut Live,
        transition: Transition,
        reply: Option<Reply>,
    ) {
        let Transition { saga, events, rendered } = transition;
        self.entries.push(entry(id, live.records, &events, &saga));
        self.tickets.push(Ticket::Saga(id.clone()));
        self.appending += 1;
        live.staged = Some(Staged { saga, rendered, reply });
    }

    pub(super) fn appended(&mut self, ticket: Ticket, appended: Appended) -> Result<(), Halt> {
        if let Appended::Fenced { epoch } = appended {
            return Err(Halt::Fenced(epoch));
        }
        match ticket {
            Ticket::Definition(name, version) => self.defined(name, version, appended),
            Ticket::Saga(id) => {
                self.appending -= 1;
                let Some(mut live) = self.take_live(&id) else { return Ok(()) };
                let staged = live.staged.take().expect("a saga with a ticket has something staged");
                match appended {
                    Appended::Durable(_) => {
                        self.commit(&mut live, staged);
                        self.drive(id, live);
                        Ok(())
                    }
                    Appended::Conflict { .. } => self.conflict(id, *live, staged),
                    Appended::Fenced { epoch } => Err(Halt::Fenced(epoch)),
                }
            }
        }
    }

    fn commit(&mut self, live: &mut Live, staged: Staged) {
        let before = live.saga.phase();
        live.records += 1;
        live.saga = staged.saga;
        live.rendered.extend(staged.rendered);
        self.stats.entered(before, live.saga.phase());
        match staged.reply {
            None => {}
            Some(Reply::Submitted(reply)) => drop(reply.send(Ok(submitted(live, true)))),
            Some(Reply::Acted(acted, reply)) => drop(reply.send(Ok(acted))),
        }
    }

    /// The id of a new saga is taken: by the same request, or by another.
    fn conflict(&mut self, id: SagaId, live: Live, staged: Staged) -> Result<(), Halt> {
        let request = staged.saga.submission().map_or(0, |submission| submission.request);
        let (0, Some(Reply::Submitted(reply))) = (live.records, staged.reply) else {
            // Somebody else wrote to a stream that is ours. Begin again from what the log holds.
            return Err(Halt::Broken(Broken::Foreign(id.to_string())));
        };
        let mut errands = live.errands;
        errands.push_front(Errand::Repeat(request, reply));
        self.slots.insert(id.clone(), Slot::Loading { errands, lined: Vec::new() });
        self.loads.push_back(id);
        Ok(())
    }

    pub(super) fn loaded(&mut self, id: &SagaId, result: Result<Box<Story>, Untold>) -> Result<(), Halt> {
        self.loading -= 1;
        let Some(Slot::Loading { errands, lined }) = self.take(id) else { return Ok(()) };
        let story = match result {
            Ok(story) => story,
            Err(Untold::Log(error)) => return Err(Halt::Broken(error.into())),
            Err(Untold::Missing) => {
                self.unrecovered.remove(id);
                self.fail(id, errands, None);
                return Ok(());
            }
            Err(Untold::Illegal(why)) => {
                tracing::error!(saga = %id, %why, "journal_illegal: this saga is parked until its journal can be read");
                self.fail(id, errands, Some(&why));
                self.unrecovered.remove(id);
                self.illegal.insert(id.clone(), why);
                self.stats.illegal(self.illegal.len());
                return Ok(());
            }
        };
        let mut live = Box::new(Live::new(story.saga, story.blueprint, story.records));
        live.work = lined;
        if self.unrecovered.remove(id) {
            let transition = live.transition(id, &Input::Restarted, self.now_ms, &self.secrets);
            if !transition.events.is_empty() {
                self.stage(id, &mut live, transition, None);
            }
        }
        live.errands = errands;
        self.drive(id.clone(), live);
        Ok(())
    }

    /// Gives a saga something to do, reading it back first where it is not in memory.
    pub(super) fn errand(&mut self, id: &SagaId, errand: Errand) {
        match self.take(id) {
            Some(Slot::Live(mut live)) => {
                if live.errands.len() >= ERRANDS_MAX && refusable(&errand) {
                    refuse(errand);
                    return self.put_back(id.clone(), live);
                }
                live.errands.push_back(errand);
                self.drive(id.clone(), live);
            }
            Some(Slot::Loading { mut errands, lined }) => {
                if errands.len() >= ERRANDS_MAX && refusable(&errand) {
                    refuse(errand);
                } else {
                    errands.push_back(errand);
                }
                self.slots.insert(id.clone(), Slot::Loading { errands, lined });
            }
            Some(Slot::Asleep { lined }) => self.load(id, errand, lined),
            None => self.load(id, errand, Vec::new()),
        }
    }

    fn load(&mut self, id: &SagaId, errand: Errand, lined: Vec<Underway>) {
        let errands = VecDeque::from([errand]);
        self.slots.insert(id.clone(), Slot::Loading { errands, lined });
        self.loads.push_back(id.clone());
        self.start_loads();
    }

    /// Answers everybody who waits for a saga that cannot be had: it does not exist, or (`why`) cannot be read. What a
    /// target let go for it is given back, or the target would wait for it for ever.
    fn fail(&mut self, id: &SagaId, errands: VecDeque<Errand>, why: Option<&str>) {
        drop(self.watchers.take(id));
        for errand in errands {
            match errand {
                Errand::Granted(_, grant) => self.release(grant),
                Errand::Verb(_, _, reply) => {
                    let id = id.to_string();
                    let error = match why {
                        None => ActError::NotFound { id },
                        Some(why) => ActError::JournalIllegal { id, why: why.to_owned() },
                    };
                    let _ = reply.send(Err::<Acted, _>(error));
                }
                Errand::Repeat(_, reply) => {
                    let error = match why {
                        // It was there a moment ago, and has been forgotten since.
                        None => SubmitError::OutcomeUnknown,
                        Some(why) => SubmitError::JournalIllegal { id: id.to_string(), why: why.to_owned() },
                    };
                    let _ = reply.send(Err(error));
                }
                Errand::Watch(reply) => drop(reply.send(None)),
                Errand::Input { .. } => {}
            }
        }
        self.deliver_granted();
    }
}

pub(super) fn submitted(live: &Live, created: bool) -> Submitted {
    Submitted {
        created,
        phase: live.saga.phase(),
        seq: live.saga.seq(),
        definition: Arc::clone(&live.blueprint.name),
        version: live.blueprint.version,
    }
}

/// May this errand be turned away? What comes from inside never is: it would be lost.
fn refusable(errand: &Errand) -> bool {
    match errand {
        Errand::Verb(..) | Errand::Repeat(..) | Errand::Watch(_) => true,
        Errand::Input { .. } | Errand::Granted(..) => false,
    }
}

fn refuse(errand: Errand) {
    match errand {
        Errand::Verb(_, _, reply) => drop(reply.send(Err(ActError::Overloaded))),
        Errand::Repeat(_, reply) => drop(reply.send(Err(SubmitError::Overloaded { limit: ERRANDS_MAX }))),
        Errand::Watch(_) | Errand::Input { .. } | Errand::Granted(..) => {}
    }
}

/// Has the saga come as far as it will without a person?
pub(super) const fn settled(phase: Phase) -> bool {
    matches!(phase, Phase::Completed | Phase::Compensated | Phase::Parked(_))
}
