//! OTLP's values as text.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};

use super::proto::common::v1::any_value::Value;
use super::proto::common::v1::{AnyValue, KeyValue};

/// Attributes of one record: a record with more is a program's mistake, and would cost the others their room.
pub(crate) const ATTRIBUTES_MAX: usize = 256;

/// Bytes of one value: a stack trace fits.
pub(crate) const VALUE_MAX: usize = 64 << 10;

/// Bytes of a log record's body: a dumped request fits.
pub(crate) const BODY_MAX: usize = 256 << 10;

/// A value as text: texts as they are, everything else as JSON writes it (bytes in Base64).
pub(crate) fn text(value: Option<&AnyValue>) -> Cow<'_, str> {
    match value.and_then(|value| value.value.as_ref()) {
        None | Some(Value::StringValueStrindex(_)) => Cow::Borrowed(""),
        Some(Value::StringValue(text)) => Cow::Borrowed(text),
        Some(Value::BoolValue(true)) => Cow::Borrowed("true"),
        Some(Value::BoolValue(false)) => Cow::Borrowed("false"),
        Some(Value::IntValue(number)) => Cow::Owned(number.to_string()),
        Some(Value::DoubleValue(number)) => Cow::Owned(number.to_string()),
        Some(other @ (Value::ArrayValue(_) | Value::KvlistValue(_))) => Cow::Owned(json(other).to_string()),
        Some(Value::BytesValue(bytes)) => Cow::Owned(STANDARD.encode(bytes)),
    }
}

/// Nesting is bounded by the decoder of protobuf, at 100.
fn json(value: &Value) -> Json {
    match value {
        Value::StringValue(text) => Json::from(text.as_str()),
        Value::BoolValue(yes) => Json::from(*yes),
        Value::IntValue(number) => Json::from(*number),
        Value::DoubleValue(number) => Json::from(*number),
        Value::BytesValue(bytes) => Json::from(STANDARD.encode(bytes)),
        Value::StringValueStrindex(_) => Json::Null,
        Value::ArrayValue(list) => {
            list.values.iter().map(|value| value.value.as_ref().map_or(Json::Null, json)).collect()
        }
        Value::KvlistValue(list) => Json::Object(object(&list.values)),
    }
}

fn object(list: &[KeyValue]) -> Map<String, Json> {
    let value =
        |pair: &KeyValue| pair.value.as_ref().and_then(|value| value.value.as_ref()).map_or(Json::Null, json);
    list.iter().map(|pair| (pair.key.clone(), value(pair))).collect()
}

/// At most `max` bytes of a text, and whether something was cut off. A cut text ends in `…`.
pub(crate) fn cut(text: Cow<'_, str>, max: usize) -> (Cow<'_, str>, bool) {
    if text.len() <= max {
        return (text, false);
    }
    let mut end = max - '…'.len_utf8();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (Cow::Owned(format!("{}…", &text[..end])), true)
}

/// The pairs of a list, values as text.
pub(crate) fn pairs(list: &[KeyValue]) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    list.iter().map(|pair| (pair.key.as_str(), text(pair.value.as_ref())))
}

/// The first [`ATTRIBUTES_MAX`] of these pairs, each value at most [`VALUE_MAX`] long, and whether something was cut off.
pub(crate) fn bounded<'a>(
    mut pairs: impl Iterator<Item = (&'a str, Cow<'a, str>)>,
    mut each: impl FnMut(&str, &str),
) -> bool {
    let mut cut_off = false;
    for (name, value) in pairs.by_ref().take(ATTRIBUTES_MAX) {
        let (value, cut_here) = cut(value, VALUE_MAX);
        let (name, cut_name) = cut(Cow::Borrowed(name), NAME_MAX);
        each(&name, &value);
        cut_off |= cut_here || cut_name;
    }
    cut_off || pairs.next().is_some()
}

/// Bytes of a name: of an attribute, a span, a scope or a service.
pub(crate) const NAME_MAX: usize = 1 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::proto::common::v1::{ArrayValue, KeyValueList};

    fn any(value: Value) -> AnyValue {
        AnyValue { value: Some(value) }
    }

    #[test]
    fn what_is_no_text_is_written_as_json() {
        let list =
            vec![any(Value::IntValue(1)), any(Value::StringValue("a\"b".into())), AnyValue { value: None }];
        let pair =
            KeyValue { key: "k".into(), value: Some(any(Value::BoolValue(true))), ..Default::default() };
        let cases = [
            (Value::StringValue("as it is".into()), "as it is"),
            (Value::IntValue(-7), "-7"),
            (Value::DoubleValue(0.5), "0.5"),
            (Value::BoolValue(true), "true"),
            (Value::BytesValue(vec![0, 255]), "AP8="),
            (Value::ArrayValue(ArrayValue { values: list }), r#"[1,"a\"b",null]"#),
            (Value::KvlistValue(KeyValueList { values: vec![pair] }), r#"{"k":true}"#),
        ];
        for (value, expected) in cases {
            assert_eq!(text(Some(&any(value))), expected);
        }
        assert_eq!(text(None), "");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        let cases = [("abc", 3, "abc", false), ("abcdef", 5, "ab…", true), ("가나다라", 8, "가…", true)];
        for (text, max, expected, is_cut) in cases {
            assert_eq!(cut(Cow::Borrowed(text), max), (Cow::Borrowed(expected), is_cut), "{text}");
        }
    }
}
