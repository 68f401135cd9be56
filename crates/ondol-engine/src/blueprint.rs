//! A definition as the engine uses it: the core's questions answered, its calls rendered.

use std::sync::Arc;

use ondol_core::{Answer, Half, Payload, Question, Saga, StepId, Text};
use ondol_spec::{Definition, ExpressionError, Rendered, Scope};

use crate::id::SagaId;

/// One version of a definition.
#[derive(Debug)]
pub struct Blueprint {
    /// Its name.
    pub name: Text,
    /// Its version, from 1.
    pub version: u32,
    /// What it says.
    pub definition: Definition,
}

/// An answer, and the request it was found by where the question was for one.
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    pub(crate) request: Option<((StepId, Half), Arc<Rendered>)>,
}

impl Blueprint {
    /// Answers what the core cannot compute. A function of the saga's state alone.
    pub(crate) fn answer(&self, id: &SagaId, saga: &Saga, question: Question) -> Answered {
        let plain = |answer| Answered { answer, request: None };
        let failed = |error: &ExpressionError| Answer::Failed(error.to_string().into());
        match question {
            Question::Condition(step) => {
                let holds = self.definition.condition(step, &scope(id, saga, saga.inputs().last()));
                plain(holds.map_or_else(|error| failed(&error), Answer::Holds))
            }
            Question::Request(step, half) => match self.render(id, saga, step, half) {
                Ok(request) => Answered {
                    answer: Answer::Rendered(request.digest),
                    request: Some(((step, half), Arc::new(request))),
                },
                Err(error) => plain(failed(&error)),
            },
            Question::Output => {
                let output = self.definition.output(&scope(id, saga, saga.inputs().last()));
                plain(output.map_or_else(|error| failed(&error), |bytes| Answer::Output(bytes.into())))
            }
        }
    }

    /// The request of one half, as it is in this state.
    pub(crate) fn render(
        &self,
        id: &SagaId,
        saga: &Saga,
        step: StepId,
        half: Half,
    ) -> Result<Rendered, ExpressionError> {
        self.definition.request(step, half, &scope(id, saga, saga.input_of(step, half)))
    }
}

fn scope<'a>(id: &'a SagaId, saga: &'a Saga, input: Option<&'a Payload>) -> Scope<'a> {
    let outputs = saga.steps().iter().map(|step| step.output.as_deref()).collect();
    let run = saga.submission().map_or(0, |submission| submission.run);
    Scope { input: input.map_or(b"null", |input| input), outputs, saga_id: id.as_str(), run }
}
