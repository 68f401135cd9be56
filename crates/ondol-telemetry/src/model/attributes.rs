//! Attributes, and the part of them that says where a record comes from.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Names with values, in the order of their names, each name once. A value that is no text is written as JSON writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes(pub Vec<(String, String)>);

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok(Self(pairs.into_iter().collect()))
    }
}

impl Attributes {
    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
        Some(&self.0[at].1)
    }

    /// Sorts; of a name given twice the last value holds.
    pub fn from_pairs(mut pairs: Vec<(String, String)>) -> Self {
        pairs.reverse();
        pairs.sort_by(|(left, _), (right, _)| left.cmp(right));
        pairs.dedup_by(|(left, _), (right, _)| left == right);
        Self(pairs)
    }
}

/// Who wrote a record: one instance of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Source {
    /// `service.name`; `unknown_service` where nobody said.
    pub service: String,
    /// `service.instance.id`, else `k8s.pod.name`, else `host.name` with `process.pid`; empty where nobody said.
    pub instance: String,
    /// The other attributes of the resource.
    pub resource: Arc<Attributes>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_name_given_twice_the_last_value_holds() {
        let pairs =
            [("b", "1"), ("a", "2"), ("b", "3")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let attributes = Attributes::from_pairs(pairs.to_vec());
        assert_eq!(attributes.get("b"), Some("3"));
        assert_eq!(attributes.get("a"), Some("2"));
        assert_eq!(attributes.get("c"), None);
        assert_eq!(attributes.0.len(), 2);
    }
}
