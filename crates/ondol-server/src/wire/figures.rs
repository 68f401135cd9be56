//! How many sagas began and ended, by time.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::clock;
use crate::listing::Figures;

/// Which window, in which steps.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FiguresParams {
    /// From this time on (RFC 3339, or so long ago: `-15m`); an hour before `to` where nothing is said.
    pub(crate) from: Option<String>,
    /// Before this time (RFC 3339, or so long ago: `-15m`); now where nothing is said.
    pub(crate) to: Option<String>,
    /// The length of a step, a multiple of a minute such as `5m` or `1h`; `1m` where nothing is said.
    pub(crate) step: Option<String>,
    /// Only sagas of this definition.
    pub(crate) definition: Option<String>,
}

/// How many sagas began and ended, step by step.
#[derive(Serialize, ToSchema)]
pub(crate) struct SagaFigures {
    /// The length of a step, in milliseconds.
    pub(crate) step_ms: u64,
    /// Every step of the window, oldest first, also those in which nothing happened.
    pub(crate) counts: Vec<SagaFigure>,
}

/// How many sagas began and ended in one step.
#[derive(Serialize, ToSchema)]
pub(crate) struct SagaFigure {
    /// When the step begins, a multiple of its length since 1970.
    from: String,
    /// Sagas that were accepted.
    started: u64,
    /// Sagas that completed.
    completed: u64,
    /// Sagas that were undone.
    compensated: u64,
    /// Times that a saga was parked.
    parked: u64,
}

impl SagaFigure {
    pub(crate) fn new((from_ms, figures): (u64, Figures)) -> Self {
        let Figures { started, completed, compensated, parked } = figures;
        Self { from: clock::text(from_ms), started, completed, compensated, parked }
    }
}
