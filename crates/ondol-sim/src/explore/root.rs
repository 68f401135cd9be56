//! Where a search begins.

use std::sync::Arc;

use ondol_core::{Plan, Question};

/// Does the callee keep a barrier (DESIGN §6)?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// A key takes effect at most once, its answer is kept, and an action after its compensation is refused.
    On,
    /// A repeat may take effect again or be answered "4xx, I already did it".
    Off,
}

/// How often each kind of trouble may happen in one history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Budget {
    /// Attempts that end without an answer; the request and its answer may be lost, or may be processed before that.
    pub timeouts: u8,
    /// Requests that arrive after their attempt ended. Without it, what was not processed by then is lost.
    pub late: u8,
    /// Requests that the network doubles; the copy arrives late.
    pub doubles: u8,
    /// Answers a sound service does not give: 5xx (in effect or not), unusable bodies, refused compensations, requests
    /// that render differently the second time.
    pub faults: u8,
    /// Crashes of Ondol.
    pub crashes: u8,
    /// Acts of a person; resuming a paused saga is free.
    pub verbs: u8,
    /// Times the clock jumps to the saga's deadline or by a day.
    pub jumps: u8,
}

/// Which properties end a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Each of them.
    Everything,
    /// Those that somebody outside would notice ([`super::Property::is_harm`]): the histories are longer, and tell what a
    /// broken rule leads to.
    Harm,
}

/// Where a search begins: everything that stays the same in one search.
#[derive(Clone, Debug)]
pub struct Root {
    /// The plan, perhaps with a deliberate bug.
    pub plan: Arc<Plan>,
    /// What every condition evaluates to.
    pub truth: bool,
    /// The question whose expression cannot be evaluated the first time it is asked.
    pub fails: Option<Question>,
    /// What the services keep.
    pub barrier: Barrier,
    /// What may go wrong.
    pub budget: Budget,
    /// What is looked for.
    pub watch: Watch,
}
