//! The one order of records: by time, and where times are equal by a digest of what they say. It does not depend on where
//! a record lies, so it stays when files are written and merged.

use xxhash_rust::xxh3::Xxh3;

use super::{Attributes, Log, Source, Span};

/// Where a record is in the order of all. Records of one key say the same, and nobody can tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// When it was written or began: nanoseconds since 1970.
    pub time_ns: u64,
    /// A digest (XXH3, 64 bits) of all that a log record says; of what tells a span from any other.
    pub digest: u64,
}

impl Log {
    /// Its place in the order of all records.
    pub fn key(&self) -> Key {
        let mut digest = Digest::default();
        digest.source(&self.source);
        digest.attributes(&self.source.resource);
        digest.bytes(&self.trace_id.map_or([0; 16], |id| id.0));
        digest.bytes(&self.span_id.map_or([0; 8], |id| id.0));
        digest.bytes(&[self.severity]);
        digest.bytes(self.scope.as_bytes());
        digest.bytes(self.body.as_bytes());
        digest.attributes(&self.attributes);
        Key { time_ns: self.time_ns, digest: digest.0.digest() }
    }
}

impl Span {
    /// Its place in the order of all spans.
    pub fn key(&self) -> Key {
        let mut digest = Digest::default();
        digest.bytes(&self.trace_id.0);
        digest.bytes(&self.span_id.0);
        // Client and server may share an id (Zipkin).
        digest.source(&self.source);
        digest.bytes(&[self.kind as u8]);
        digest.bytes(self.name.as_bytes());
        digest.bytes(&self.duration_ns.to_le_bytes());
        Key { time_ns: self.start_ns, digest: digest.0.digest() }
    }
}

#[derive(Default)]
struct Digest(Xxh3);

impl Digest {
    /// The length goes first, so that `ab` and `c` are not `a` and `bc`.
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn source(&mut self, source: &Source) {
        self.bytes(source.service.as_bytes());
        self.bytes(source.instance.as_bytes());
    }

    fn attributes(&mut self, attributes: &Attributes) {
        self.0.update(&(attributes.0.len() as u64).to_le_bytes());
        for (name, value) in &attributes.0 {
            self.bytes(name.as_bytes());
            self.bytes(value.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{SpanId, TraceId};

    #[test]
    fn records_that_differ_in_anything_differ_in_their_key() {
        let pair = |name: &str, value: &str| Attributes(vec![(name.to_owned(), value.to_owned())]);
        let log = Log {
            time_ns: 7,
            trace_id: None,
            span_id: None,
            severity: 9,
            source: Source::default(),
            scope: String::new(),
            body: "ab".to_owned(),
            attributes: Attributes::default(),
        };
        let of = |change: &dyn Fn(&mut Log)| {
            let mut log = log.clone();
            change(&mut log);
            log.key()
        };
        let keys = [
            of(&|_| ()),
            of(&|log| log.time_ns = 8),
            of(&|log| log.trace_id = Some(TraceId([1; 16]))),
            of(&|log| log.span_id = Some(SpanId([1; 8]))),
            of(&|log| log.severity = 10),
            of(&|log| log.source.service = "a".to_owned()),
            of(&|log| log.source.instance = "a".to_owned()),
            of(&|log| log.source.resource = Arc::new(pair("a", "b"))),
            of(&|log| log.scope = "a".to_owned()),
            of(&|log| log.body = "abc".to_owned()),
            of(&|log| (log.scope, log.body) = ("a".to_owned(), "b".to_owned())),
            of(&|log| log.attributes = pair("a", "b")),
            of(&|log| log.attributes = pair("ab", "")),
        ];
        let distinct: std::collections::HashSet<Key> = keys.iter().copied().collect();
        assert_eq!(distinct.len(), keys.len());
        assert_eq!(of(&|_| ()), log.key(), "and those that do not, do not");
    }
}
