//! What a definition wants of its input, as far as its expressions tell: for a form, and for a person who asks.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::definition::Definition;
use crate::expression::{Expression, Need, Path, Root};
use crate::node::Segment;

/// Names inside one another that the schema follows. Deeper ones are part of a value without a form.
const INPUT_DEPTH_MAX: usize = 16;

/// One value of the input.
#[derive(Default)]
struct Wanted {
    /// Is there an expression that cannot do without it?
    needed: bool,
    /// Is there one that asks whether it is there?
    tested: bool,
    keys: BTreeMap<String, Wanted>,
}

impl Definition {
    /// A JSON Schema (draft 2020-12) of the input: `type: object`, `properties` and `required` for what is read, nothing about
    /// what it must be. A value is required where a run that leaves no step out cannot do without; one that an expression
    /// tests with `has()` never is. An input that does not match is accepted all the same: a step that reads what is
    /// missing fails then.
    #[must_use]
    pub fn input_schema(&self) -> Value {
        let mut input = Wanted::default();
        for step in &self.steps {
            let calls = std::iter::once(&step.action).chain(&step.compensation);
            input.take(step.condition.iter(), true);
            // A step with a condition may be left out.
            input.take(calls.flat_map(|call| call.expressions()), step.condition.is_none());
        }
        let mut output = Vec::new();
        if let Some(json) = &self.output {
            json.expressions(&mut output);
        }
        input.take(output.into_iter(), true);
        let mut schema = input.schema();
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        Value::Object(schema)
    }
}

impl Wanted {
    /// Takes in what expressions read. `always`: every run evaluates them.
    fn take<'a>(&mut self, expressions: impl Iterator<Item = &'a Expression>, always: bool) {
        for (path, need) in expressions.flat_map(Expression::reads) {
            if path.root == Root::Input {
                self.read(path, need, always);
            }
        }
    }

    fn read(&mut self, path: &Path, need: Need, always: bool) {
        let needed = always && matches!(need, Need::Always | Need::Tested { always: true });
        // What is behind an index belongs to a list.
        let keys = path.segments.iter().map_while(|segment| match segment {
            Segment::Key(key) => Some(key),
            Segment::Index(_) => None,
        });
        let keys: Vec<&String> = keys.take(INPUT_DEPTH_MAX).collect();
        let whole = keys.len() == path.segments.len();
        let mut place = self;
        for (depth, key) in (1..).zip(&keys) {
            place = place.keys.entry((*key).clone()).or_default();
            if whole && depth == keys.len() && matches!(need, Need::Tested { .. }) {
                place.tested = true;
            } else {
                place.needed |= needed;
            }
        }
    }

    fn schema(&self) -> Map<String, Value> {
        let mut schema = Map::new();
        if self.keys.is_empty() {
            return schema;
        }
        let properties = self.keys.iter().map(|(key, value)| (key.clone(), Value::Object(value.schema())));
        let required = self.keys.iter().filter(|(_, value)| value.needed && !value.tested);
        let required: Vec<&String> = required.map(|(key, _)| key).collect();
        schema.insert("type".to_owned(), json!("object"));
        schema.insert("properties".to_owned(), Value::Object(properties.collect()));
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        schema
    }
}
