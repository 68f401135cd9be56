//! A setting that can be said, switched off with the word `none`, or left unsaid.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

/// The word that switches off.
pub(crate) const NONE: &str = "none";

/// A setting that is off unless it is said, and that an operation may switch off again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Switch<T> {
    /// The file says nothing.
    #[default]
    Unsaid,
    /// The file says `none`.
    Off,
    /// The file says this.
    On(T),
}

impl<T> Switch<T> {
    /// What is switched on.
    pub const fn on(&self) -> Option<&T> {
        match self {
            Self::On(value) => Some(value),
            Self::Unsaid | Self::Off => None,
        }
    }

    /// This, or `under` where this says nothing.
    #[must_use]
    pub fn or(self, under: Self) -> Self {
        match self {
            Self::Unsaid => under,
            Self::Off | Self::On(_) => self,
        }
    }

    /// The same with another value; a value that becomes `None` is unsaid.
    pub(crate) fn and_then<U>(&self, compile: impl FnOnce(&T) -> Option<U>) -> Switch<U> {
        match self {
            Self::Unsaid => Switch::Unsaid,
            Self::Off => Switch::Off,
            Self::On(value) => compile(value).map_or(Switch::Unsaid, Switch::On),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Switch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SwitchVisitor(PhantomData))
    }
}

/// By hand, since an untagged enum would buffer and so lose a body as it is written.
struct SwitchVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for SwitchVisitor<T> {
    type Value = Switch<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("settings or `none`")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Switch<T>, E> {
        if word == NONE { Ok(Switch::Off) } else { Err(E::custom("the only word here is `none`")) }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Switch<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Switch::On)
    }
}

impl<T: JsonSchema> JsonSchema for Switch<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}OrNone", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let settings = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [settings, { "type": "string", "const": NONE }] })
    }
}
