//! A saga and everything around it that the core cannot see.

use std::rc::Rc;

use ondol_core::{Attempt, Event, Half, Input, Saga, StepId, Submission, Wanted};

use super::callee::{Callee, Reply};
use super::property::{Broken, Tally};
use super::root::{Barrier, Budget, Root};

/// Steps a plan here may have; every world carries this many sites.
pub(super) const SITES: usize = 4;

/// Wall clock at the beginning; any number that is not zero.
const BEGIN_MS: u64 = 1_000_000;

/// What is on its way between Ondol and one half of one step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line {
    /// Number of the last attempt that started; 0 before the first. Follows from the saga.
    pub(super) number: u32,
    /// Digest of the first attempt. Follows from the saga.
    pub(super) digest: Option<u128>,
    /// Did the runner send the current attempt, and does it wait for its answer?
    pub(super) sent: bool,
    /// Is the current attempt's request in the network?
    pub(super) request: bool,
    /// Is a request of an attempt that ended still in the network? Requests of one key are the same message.
    pub(super) late: bool,
    /// The current attempt's answer, in the network.
    pub(super) reply: Option<Reply>,
}

/// One step as the world sees it.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent observations, each of them a bit of the key")]
pub(super) struct Site {
    pub(super) action: Line,
    pub(super) compensation: Line,
    pub(super) callee: Callee,
    /// Did an action attempt end without a clear answer since the last sealed one?
    pub(super) unclear: bool,
    /// Was the step's condition answered?
    pub(super) answered: bool,
    /// Did a person vouch for the action?
    pub(super) vouched_action: bool,
    /// Did a person vouch for the compensation?
    pub(super) vouched_undoing: bool,
}

impl Site {
    pub(super) const fn line(&self, half: Half) -> &Line {
        match half {
            Half::Action => &self.action,
            Half::Compensation => &self.compensation,
        }
    }

    pub(super) const fn line_mut(&mut self, half: Half) -> &mut Line {
        match half {
            Half::Action => &mut self.action,
            Half::Compensation => &mut self.compensation,
        }
    }
}

/// The journal, newest first, shared between the histories that have it in common.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal(Option<Rc<Page>>);

#[derive(Debug)]
struct Page {
    event: Event,
    before: Journal,
}

impl Journal {
    pub(super) fn push(&mut self, event: Event) {
        self.0 = Some(Rc::new(Page { event, before: self.clone() }));
    }

    /// Oldest first.
    pub(super) fn events(&self) -> Vec<&Event> {
        let mut events = Vec::new();
        let mut at = self;
        while let Some(page) = &at.0 {
            events.push(&page.event);
            at = &page.before;
        }
        events.reverse();
        events
    }
}

/// Everything at one moment.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) root: Rc<Root>,
    pub(super) saga: Saga,
    pub(super) journal: Journal,
    pub(super) now_ms: u64,
    pub(super) sites: [Site; SITES],
    pub(super) budget: Budget,
    /// Did the failing question fail already?
    pub(super) failed: bool,
}

impl World {
    /// The world just after its saga was submitted.
    pub(super) fn begin(root: &Rc<Root>, tally: &mut Tally) -> Result<Self, Broken> {
        let mut world = Self {
            root: Rc::clone(root),
            saga: Saga::new(root.plan.clone()),
            journal: Journal::default(),
            now_ms: BEGIN_MS,
            sites: [Site::default(); SITES],
            budget: root.budget,
            failed: false,
        };
        assert!(root.plan.steps().len() <= SITES, "a world has a site for every step");
        let submission = Submission {
            run: 1,
            definition: "plan".into(),
            version: 1,
            request: 1,
            trace: (0, 0),
            input: b"{}".as_slice().into(),
        };
        world.feed(&Input::Submit(Box::new(submission)), tally)?;
        Ok(world)
    }

    pub(super) fn site(&self, step: StepId) -> &Site {
        &self.sites[usize::from(step)]
    }

    pub(super) fn site_mut(&mut self, step: StepId) -> &mut Site {
        &mut self.sites[usize::from(step)]
    }

    pub(super) fn name(&self, step: StepId) -> &str {
        self.root.plan.step(step).map_or("?", |step| &step.name)
    }

    pub(super) fn undoable(&self, step: StepId) -> bool {
        self.root.plan.step(step).is_some_and(|step| step.compensation.is_some())
    }

    /// May a request for this action still arrive and change something? Without a barrier nobody promised that it may not,
    /// so there the answer is no.
    pub(super) fn may_come(&self, step: StepId) -> bool {
        let site = self.site(step);
        let on_its_way = site.action.request || site.action.late;
        let late = self.root.barrier == Barrier::On && self.root.budget.late > 0;
        late && on_its_way && site.callee.open(self.root.barrier)
    }

    /// What ended is no longer current: its request becomes a late one, its answer is lost with its connection.
    pub(super) fn retire(&mut self, wanted: &Wanted) {
        let late_exists = self.root.budget.late > 0;
        for step in self.root.plan.ids() {
            for half in [Half::Action, Half::Compensation] {
                let line = self.sites[usize::from(step)].line_mut(half);
                let current = Attempt { step, half, number: line.number };
                if !wanted.calls.iter().any(|call| call.attempt == current) || !line.sent {
                    line.late |= line.request && late_exists;
                    (line.sent, line.request, line.reply) = (false, false, None);
                }
            }
        }
    }
}
