//! A definition as the engine uses it: the core's questions answered, its calls rendered.

use std::sync::Arc;

use ondol_core::{Answer, Half, Payload, Question, Saga, Status, StepId, Text};
use ondol_spec::{Definition, ExpressionError, Rendered, Scope, Secrets};

use crate::caller::Request;
use crate::id::{SagaId, run_text};

/// One version of a definition.
#[derive(Debug)]
pub struct Blueprint {
    /// Its name.
    pub name: Text,
    /// Its version, from 1.
    pub version: u32,
    /// What it says.
    pub definition: Arc<Definition>,
    /// The services of each step: of its action, of its compensation.
    services: Vec<[Arc<str>; 2]>,
    webhook: Arc<str>,
    notices: Arc<str>,
}

/// An answer, and the request it was found by where the question was for one.
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    pub(crate) request: Option<((StepId, Half), Arc<Request>)>,
}

impl Blueprint {
    /// A version of a definition, for whoever reads journals without an engine. Versions are from 1.
    #[must_use]
    pub fn new(name: Text, version: u32, definition: Arc<Definition>) -> Self {
        let service = |step, half| -> Arc<str> {
            definition.call(step, half).map_or_else(|| Arc::from(""), |call| Arc::from(call.service()))
        };
        let services = definition
            .plan()
            .ids()
            .map(|step| [service(step, Half::Action), service(step, Half::Compensation)])
            .collect();
        let webhook: Arc<str> =
            definition.webhook().map_or_else(|| Arc::from(""), |webhook| Arc::from(webhook.to_string()));
        let notices = format!("notices of {name}").into();
        Self { name, version, definition, services, webhook, notices }
    }

    /// The service a half calls; empty where the step has no such half.
    #[must_use]
    pub fn service(&self, step: StepId, half: Half) -> Arc<str> {
        let of_step = self.services.get(usize::from(step));
        let of_half = of_step.map(|halves| match half {
            Half::Action => &halves[0],
            Half::Compensation => &halves[1],
        });
        of_half.map_or_else(|| Arc::from(""), Arc::clone)
    }

    /// Where the definition itself sends its notices; empty where the system file says it.
    #[must_use]
    pub fn webhook(&self) -> Arc<str> {
        Arc::clone(&self.webhook)
    }

    /// The line in which its notices wait: all of them have one receiver.
    #[must_use]
    pub fn notices(&self) -> Arc<str> {
        Arc::clone(&self.notices)
    }

    /// Answers what the core cannot compute. A function of the saga's state alone.
    pub(crate) fn answer(&self, id: &SagaId, saga: &Saga, question: Question, secrets: &Secrets) -> Answered {
        let plain = |answer| Answered { answer, request: None };
        let failed = |error: &ExpressionError| Answer::Failed(error.to_string().into());
        match question {
            Question::Condition(step) => {
                let holds = in_scope(id, saga, saga.inputs().last(), |s| self.definition.condition(step, s));
                plain(holds.map_or_else(|error| failed(&error), Answer::Holds))
            }
            Question::Request(step, half) => match self.render(id, saga, step, half, secrets) {
                Ok(request) => Answered {
                    answer: Answer::Rendered(request.digest),
                    request: Some(((step, half), Arc::new(request))),
                },
                Err(error) => plain(failed(&error)),
            },
            Question::Output => {
                let output = in_scope(id, saga, saga.inputs().last(), |scope| self.definition.output(scope));
                plain(output.map_or_else(|error| failed(&error), |bytes| Answer::Output(bytes.into())))
            }
        }
    }

    /// The request of one half, as it is in this state.
    ///
    /// # Errors
    ///
    /// [`ExpressionError`] where an expression in it cannot be evaluated.
    pub fn render(
        &self,
        id: &SagaId,
        saga: &Saga,
        step: StepId,
        half: Half,
        secrets: &Secrets,
    ) -> Result<Request, ExpressionError> {
        in_scope(id, saga, saga.input_of(step, half), |scope| {
            let rendered = self.definition.request(step, half, scope, secrets)?;
            let Rendered { service: _, method, path_and_query, headers, body, digest } = rendered;
            Ok(Request { method, path_and_query, headers, body: body.into(), digest })
        })
    }
}

fn in_scope<T>(
    id: &SagaId,
    saga: &Saga,
    input: Option<&Payload>,
    evaluate: impl FnOnce(&Scope<'_>) -> T,
) -> T {
    let run = run_text(saga.submission().map_or(0, |submission| submission.run));
    let outputs = |step: StepId| {
        let step = saga.steps().get(usize::from(step))?;
        if step.status == Status::Skipped { Some(&b"null"[..]) } else { step.output.as_deref() }
    };
    let input: &[u8] = input.map_or(b"null", |input| input);
    evaluate(&Scope { input, outputs: &outputs, saga_id: id.as_str(), run: &run })
}
