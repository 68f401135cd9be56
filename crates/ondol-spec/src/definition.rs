//! A definition: one saga compiled, with everything a run of it stays pinned to.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

use ondol_core::{Half, Notify, Plan, StepId, StepSet, plan::Draft};
use sha2::{Digest as _, Sha256};

use crate::bounds::SOURCE_BYTES_MAX;
use crate::call::{self, Call};
use crate::expression::{Expression, Place, Visible};
use crate::finding::{Code, Fault, quoted};
use crate::model::Event;
use crate::pinned;
use crate::place::Faults;
use crate::template::{Json, Text};
use crate::url::Webhook;
use crate::{graph, json_tree, stack};

/// The stored form has every default written out, so it may be longer than the file.
const CANONICAL_BYTES_MAX: usize = 4 * SOURCE_BYTES_MAX;

/// One saga, compiled. Cheap to share, immutable; two are equal when their canonical forms are.
#[derive(Debug)]
pub struct Definition {
    pub(crate) name: String,
    pub(crate) plan: Arc<Plan>,
    pub(crate) canonical: String,
    pub(crate) digest: [u8; 32],
    pub(crate) steps: Vec<Step>,
    pub(crate) output: Option<Json>,
    pub(crate) webhook: Option<Webhook>,
}

/// What the core's plan does not know of a step.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) condition: Option<Expression>,
    /// The condition as it stands in the file.
    pub(crate) written_condition: Option<Box<str>>,
    pub(crate) action: Call,
    pub(crate) compensation: Option<Call>,
}

/// A stored definition that cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// It is not the JSON that was written.
    #[error("reading a stored definition: {0}; the store is damaged or was edited")]
    Json(String),
    /// It was written by a later version.
    #[error(
        "reading a stored definition: its format is {0}, and this program reads up to 1; use the newer program"
    )]
    Format(u32),
    /// What it says does not compile.
    #[error("reading a stored definition: {0}; the store is damaged or was edited")]
    Content(String),
}

impl PartialEq for Definition {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Definition {}

impl Definition {
    /// Reads back what [`Definition::canonical`] gave.
    pub fn from_canonical(canonical: &str) -> Result<Self, CanonicalError> {
        let json = |message: String| CanonicalError::Json(message);
        json_tree::check(canonical, CANONICAL_BYTES_MAX).map_err(|(_, fault)| json(fault.message))?;
        let format: Format = serde_json::from_str(canonical).map_err(|error| json(error.to_string()))?;
        if format.format != pinned::FORMAT {
            return Err(CanonicalError::Format(format.format));
        }
        let saga: pinned::Saga = serde_json::from_str(canonical).map_err(|error| json(error.to_string()))?;
        stack::on_large_stack(|| {
            let mut faults = Faults::default();
            let definition = Self::compile(&saga, canonical, None, &mut faults);
            match (definition, faults.first_error()) {
                (Some(definition), None) => Ok(definition),
                (_, message) => Err(CanonicalError::Content(message.unwrap_or_default())),
            }
        })
    }

    /// The saga's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The plan that the core runs.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Everything a run is pinned to, as JSON with `"format":1`; what is to be stored.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// SHA-256 of [`Definition::canonical`].
    #[must_use]
    pub const fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// What is called for a half; `None` where the step does not exist or has no compensation.
    #[must_use]
    pub fn call(&self, step: StepId, half: Half) -> Option<&Call> {
        let step = self.steps.get(usize::from(step))?;
        match half {
            Half::Action => Some(&step.action),
            Half::Compensation => step.compensation.as_ref(),
        }
    }

    /// The condition of a step as it stands in the file, with its `${{ }}`.
    #[must_use]
    pub fn written_condition(&self, step: StepId) -> Option<&str> {
        self.steps.get(usize::from(step))?.written_condition.as_deref()
    }

    /// The services that a run calls, each once, in order.
    #[must_use]
    pub fn services(&self) -> BTreeSet<&str> {
        let calls =
            self.steps.iter().flat_map(|step| std::iter::once(&step.action).chain(&step.compensation));
        calls.map(Call::service).collect()
    }

    /// The secrets that the headers of its calls insert.
    #[must_use]
    pub fn secrets(&self) -> BTreeSet<&str> {
        let calls =
            self.steps.iter().flat_map(|step| std::iter::once(&step.action).chain(&step.compensation));
        calls.flat_map(Call::secrets).collect()
    }

    /// Where notices go, for a plan that came without a system file. Elsewhere ask [`crate::System::webhook`].
    #[must_use]
    pub const fn webhook(&self) -> Option<&Webhook> {
        self.webhook.as_ref()
    }

    /// Compiles what is pinned. Faults are added where `faults` stands, which is the saga.
    pub(crate) fn compile(
        saga: &pinned::Saga,
        canonical: &str,
        secrets: Option<&BTreeSet<String>>,
        faults: &mut Faults,
    ) -> Option<Self> {
        let plan = Plan::new(draft(saga)).map_err(|error| graph::add(error, saga, faults)).ok();
        let names: Vec<String> = saga.steps.iter().map(|step| step.name.clone()).collect();
        // A plan that failed has faults already; its expressions are still read, as if every step came before.
        let ancestors =
            |at: usize| plan.as_ref().map_or_else(every_step, |plan| plan.ancestors(at as StepId));
        let computed = Cell::new(0);
        let visible = |before: StepSet, own: Option<StepId>| Visible {
            place: Place::Value,
            steps: &names,
            before,
            own,
            secrets,
            computed: &computed,
        };
        let mut steps = Vec::with_capacity(saga.steps.len());
        for (at, step) in saga.steps.iter().enumerate() {
            let visible = visible(ancestors(at), Some(at as StepId));
            let compiled = faults
                .key("steps", |faults| faults.index(at, |faults| Step::compile(step, &visible, faults)));
            steps.extend(compiled);
        }
        let everything = visible(every_step(), None);
        let output = saga
            .output
            .as_ref()
            .map(|output| faults.key("output", |faults| Json::compile(output.0.get(), &everything, faults)));
        let webhook = saga.webhook.as_ref().and_then(|url| {
            faults.key("notify", |faults| faults.key("webhook", |faults| faults.take(Webhook::parse(url))))
        });
        Some(Self {
            name: saga.name.clone(),
            plan: Arc::new(plan?),
            canonical: canonical.to_owned(),
            digest: Sha256::digest(canonical).into(),
            steps,
            output,
            webhook,
        })
    }
}

#[derive(serde::Deserialize)]
struct Format {
    format: u32,
}

fn every_step() -> StepSet {
    let mut set = StepSet::default();
    for step in 0..ondol_core::bounds::STEPS_MAX as StepId {
        set.insert(step);
    }
    set
}

fn draft(saga: &pinned::Saga) -> Draft {
    let step = |step: &pinned::Step| ondol_core::Step {
        name: step.name.as_str().into(),
        after: step.after.clone(),
        condition: step.condition.is_some(),
        action: step.action.retry.into(),
        compensation: step.compensation.as_ref().map(|call| call.retry.into()),
        pivot: step.pivot,
    };
    Draft {
        steps: saga.steps.iter().map(step).collect(),
        timeout_ms: saga.timeout_ms,
        output: saga.output.is_some(),
        notify: Notify {
            completed: saga.notify.contains(&Event::Completed),
            compensated: saga.notify.contains(&Event::Compensated),
            parked: saga.notify.contains(&Event::Parked),
        },
    }
}

impl Step {
    fn compile(step: &pinned::Step, visible: &Visible<'_>, faults: &mut Faults) -> Option<Self> {
        let condition = step
            .condition
            .as_ref()
            .map(|source| faults.key("if", |faults| faults.take(condition(source, visible))));
        let action = faults.key("action", |faults| call::compile(&step.action, visible, faults));
        let compensation = step
            .compensation
            .as_ref()
            .map(|half| faults.key("compensate", |faults| call::compile(half, visible, faults)));
        // What failed to compile is in `faults`, and then the definition is refused as a whole.
        Some(Self {
            condition: condition.flatten(),
            written_condition: step.condition.as_deref().map(Into::into),
            action: action?,
            compensation: compensation.flatten(),
        })
    }
}

fn condition(source: &str, visible: &Visible<'_>) -> Result<Expression, Fault> {
    Text::compile(source, visible)?.into_single().map_err(|_| {
        let message = format!("{} is not one expression", quoted(source));
        Fault::new(Code::BadCondition, message, "write one expression: \"${{ input.upgrade == true }}\"")
    })
}
