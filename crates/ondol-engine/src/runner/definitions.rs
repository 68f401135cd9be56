//! Definitions on their way to the log. Until they are there nobody is told that they are, and nothing that needs them is
//! written elsewhere: a saga whose definition was lost could never be read again.

use std::collections::BTreeSet;
use std::sync::Arc;

use ondol_spec::Definition;
use ondol_store::log::Appended;
use tokio::sync::oneshot;

use super::halt::{Broken, Halt};
use super::{Runner, Ticket};
use crate::blueprint::Blueprint;
use crate::handle::PutDefinitions;

/// One version of a definition, by its name.
type Version = (Arc<str>, u32);

/// What is not durable yet, and who waits for it.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    staged: BTreeSet<Version>,
    puts: Vec<Put>,
    /// How many the append that is under way has in it.
    appending: usize,
}

#[derive(Debug)]
struct Put {
    versions: Vec<Version>,
    reply: oneshot::Sender<Vec<Version>>,
}

impl Definitions {
    /// May more be appended? What comes behind a definition waits until it is durable: appends that are under way at once
    /// may become durable in any order.
    pub(crate) const fn may_append(&self) -> bool {
        self.appending == 0
    }

    /// These are appended now.
    pub(crate) fn append(&mut self, tickets: &[Ticket]) {
        self.appending = tickets.iter().filter(|ticket| matches!(ticket, Ticket::Definition(..))).count();
    }

    /// Is all of it durable?
    pub(crate) fn settled(&self) -> bool {
        self.staged.is_empty()
    }

    fn durable(&mut self, version: &Version) {
        self.staged.remove(version);
        self.appending -= 1;
        let staged = &self.staged;
        let ready = |put: &mut Put| put.versions.iter().all(|version| !staged.contains(version));
        for Put { versions, reply } in self.puts.extract_if(.., ready) {
            let _ = reply.send(versions);
        }
    }
}

impl Runner {
    /// Takes definitions in, and what calls are made with from now on.
    pub(super) fn put(&mut self, put: PutDefinitions, reply: oneshot::Sender<Vec<Version>>) {
        self.secrets = put.secrets;
        for (name, target) in &mut self.targets {
            target.bound(put.windows.get(&**name).copied());
        }
        self.windows = put.windows;
        let blueprints: Vec<_> =
            put.definitions.into_iter().map(|definition| self.define(definition)).collect();
        let versions = blueprints.iter().map(|blueprint| (Arc::clone(&blueprint.name), blueprint.version));
        let put = Put { versions: versions.collect(), reply };
        if put.versions.iter().any(|version| self.definitions.staged.contains(version)) {
            self.definitions.puts.push(put);
        } else {
            let _ = put.reply.send(put.versions);
        }
    }

    /// Takes one definition in. Where it is new it is appended in front of whatever needs it.
    pub(super) fn define(&mut self, definition: Arc<Definition>) -> Arc<Blueprint> {
        let (blueprint, appended) = self.registry.put(definition);
        if let Some(entry) = appended {
            let version = (Arc::clone(&blueprint.name), blueprint.version);
            self.entries.push(entry);
            self.tickets.push(Ticket::Definition(version.0.clone(), version.1));
            self.definitions.staged.insert(version);
        }
        blueprint
    }

    pub(super) fn defined(&mut self, name: Arc<str>, version: u32, appended: Appended) -> Result<(), Halt> {
        match appended {
            Appended::Durable(_) => {
                self.definitions.durable(&(name, version));
                Ok(())
            }
            // Whoever wrote this version, it is not the one that is in memory here.
            Appended::Conflict { .. } => Err(Halt::Broken(Broken::Foreign(name.to_string()))),
            Appended::Fenced { epoch } => Err(Halt::Fenced(epoch)),
        }
    }
}
