//! Definitions by name and version. Versions are numbered from 1 and never change.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use ondol_spec::Definition;
use ondol_store::log::{Entry, Mark, StreamId};

use crate::blueprint::Blueprint;
use crate::id::DEFINITION_STREAMS;

/// Every version of every definition. Cheap to read, seldom written.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    names: BTreeMap<Arc<str>, Vec<Arc<Blueprint>>>,
}

/// A definition stream holds something this version cannot read.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot read version {version} of definition {name}: {why}; start the version of Ondol that wrote it"
)]
pub struct BadDefinition {
    name: String,
    version: u64,
    why: String,
}

impl Registry {
    /// The newest version of a definition, or the one asked for.
    #[must_use]
    pub fn find(&self, name: &str, version: Option<u32>) -> Option<&Arc<Blueprint>> {
        let versions = self.names.get(name)?;
        match version {
            None => versions.last(),
            Some(version) => versions.get(usize::try_from(version.checked_sub(1)?).ok()?),
        }
    }

    /// Every definition with its versions, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Arc<Blueprint>])> {
        self.names.iter().map(|(name, versions)| (&**name, &**versions))
    }

    /// Takes a definition in. Where it differs from the newest version it becomes a new one, and the entry to append
    /// is returned with it.
    pub(crate) fn put(&mut self, definition: Arc<Definition>) -> (Arc<Blueprint>, Option<Entry>) {
        let name: Arc<str> = definition.name().into();
        let versions = self.names.entry(Arc::clone(&name)).or_default();
        if let Some(newest) = versions.last()
            && newest.definition.digest() == definition.digest()
        {
            return (Arc::clone(newest), None);
        }
        let entry = Entry {
            stream: stream(&name),
            expected_seq: versions.len() as u64,
            bytes: Bytes::from(definition.canonical().to_owned()),
            // Open, so that a restart finds it; it is never forgotten.
            mark: Mark::Open { hint: u64::MAX },
        };
        let blueprint = Arc::new(Blueprint::new(name, versions.len() as u32 + 1, definition));
        versions.push(Arc::clone(&blueprint));
        (blueprint, Some(entry))
    }

    /// Takes in what a definition stream holds.
    pub(crate) fn load(&mut self, name: &str, seq: u64, bytes: &[u8]) -> Result<(), BadDefinition> {
        let bad = |why: String| BadDefinition { name: name.to_owned(), version: seq + 1, why };
        let text = std::str::from_utf8(bytes).map_err(|error| bad(error.to_string()))?;
        let definition = Definition::from_canonical(text).map_err(|error| bad(error.to_string()))?;
        let versions = self.names.entry(name.into()).or_default();
        if versions.len() as u64 != seq {
            return Err(bad("a version before it is missing".to_owned()));
        }
        versions.push(Arc::new(Blueprint::new(name.into(), seq as u32 + 1, Arc::new(definition))));
        Ok(())
    }

    /// The definition whose versions a stream holds; `None` for streams of other things.
    pub(crate) fn name_of(stream: &StreamId) -> Option<&str> {
        std::str::from_utf8(stream.as_bytes()).ok()?.strip_prefix(DEFINITION_STREAMS)
    }
}

fn stream(name: &str) -> StreamId {
    StreamId::new(format!("{DEFINITION_STREAMS}{name}")).expect("a definition's name fits a stream id")
}
