//! Who wrote a record, from OTLP's resource (semantic conventions for resources).

use std::borrow::Cow;
use std::sync::Arc;

use super::proto::resource::v1::Resource;
use super::values::{NAME_MAX, bounded, cut, pairs as pairs_of};
use crate::model::{Attributes, Source};

/// What the specification calls a service that does not say its name.
const UNKNOWN: &str = "unknown_service";

/// Bytes of a resource, names and values together; longer attributes are left out. It stands in every row of a file: two
/// thousand times in a block.
const RESOURCE_MAX: usize = 16 << 10;

/// The source of a resource. What it says of itself moves into fields of its own; the rest stays as attributes.
pub(crate) fn source(resource: Option<&Resource>) -> Source {
    let mut pairs = Vec::new();
    if let Some(resource) = resource {
        bounded(pairs_of(&resource.attributes), |name, value| {
            pairs.push((name.to_owned(), value.to_owned()));
        });
    }
    let mut attributes = Attributes::from_pairs(fitting(pairs));
    let service = take(&mut attributes, "service.name").filter(|name| !name.is_empty());
    let instance = take(&mut attributes, "service.instance.id").filter(|id| !id.is_empty());
    let instance =
        instance.or_else(|| attributes.get("k8s.pod.name").map(str::to_owned)).unwrap_or_else(|| {
            let of = |name| attributes.get(name).unwrap_or_default();
            match (of("host.name"), of("process.pid")) {
                ("", pid) => pid.to_owned(),
                (host, "") => host.to_owned(),
                (host, pid) => format!("{host}:{pid}"),
            }
        });
    let short = |text: String| cut(Cow::Owned(text), NAME_MAX).0.into_owned();
    Source {
        service: short(service.unwrap_or_else(|| UNKNOWN.to_owned())),
        instance: short(instance),
        resource: Arc::new(attributes),
    }
}

/// The pairs for which there is room, the short ones first: what names a program is short.
fn fitting(mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let length = |(name, value): &(String, String)| name.len() + value.len();
    if pairs.iter().map(length).sum::<usize>() > RESOURCE_MAX {
        pairs.sort_by_key(length);
        let mut sum = 0;
        pairs.retain(|pair| {
            sum += length(pair);
            sum <= RESOURCE_MAX
        });
    }
    pairs
}

fn take(attributes: &mut Attributes, name: &str) -> Option<String> {
    let at = attributes.0.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
    Some(attributes.0.remove(at).1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::proto::common::v1::any_value::Value;
    use crate::otlp::proto::common::v1::{AnyValue, KeyValue};

    type Case = (&'static [(&'static str, &'static str)], &'static str, &'static str);

    #[test]
    fn an_instance_has_the_best_name_that_is_known() {
        let cases: [Case; 6] = [
            (&[], "unknown_service", ""),
            (&[("service.name", "")], "unknown_service", ""),
            (&[("service.name", "pay"), ("service.instance.id", "1"), ("host.name", "h")], "pay", "1"),
            (&[("service.name", "pay"), ("k8s.pod.name", "pay-7"), ("host.name", "h")], "pay", "pay-7"),
            (&[("service.name", "pay"), ("host.name", "h"), ("process.pid", "9")], "pay", "h:9"),
            (&[("host.name", "h")], "unknown_service", "h"),
        ];
        for (pairs, service, instance) in cases {
            let value = |text: &str| Some(AnyValue { value: Some(Value::StringValue(text.to_owned())) });
            let pair = |(key, text): &(&str, &str)| KeyValue {
                key: (*key).to_owned(),
                value: value(text),
                ..Default::default()
            };
            let resource = Resource { attributes: pairs.iter().map(pair).collect(), ..Default::default() };
            let source = source(Some(&resource));
            assert_eq!((source.service.as_str(), source.instance.as_str()), (service, instance), "{pairs:?}");
        }
        assert_eq!(source(None).service, "unknown_service");
    }

    #[test]
    fn a_resource_is_bounded_and_its_names_are_kept() {
        let pair = |key: String, text: String| KeyValue {
            key,
            value: Some(AnyValue { value: Some(Value::StringValue(text)) }),
            ..Default::default()
        };
        let long = (0..30).map(|number| pair(format!("a{number}"), "x".repeat(5_000)));
        let attributes = long.chain([pair("service.name".into(), "pay".into())]).collect();
        let source = source(Some(&Resource { attributes, ..Default::default() }));
        assert_eq!(source.service, "pay");
        let bytes: usize = source.resource.0.iter().map(|(name, value)| name.len() + value.len()).sum();
        assert!((10_000..=RESOURCE_MAX).contains(&bytes), "{bytes}");
    }
}
