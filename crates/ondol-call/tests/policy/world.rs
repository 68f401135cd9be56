//! A caller with one target, and the target's endpoints, as a plain loop over moments.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use http::{Method, StatusCode};
use ondol_call::policy::balance::{self, Load, Pick, Sample, View};
use ondol_call::policy::breaker::{Admit, Breaker, Change, Outcome, Pass};
use ondol_call::policy::budget::Budget;
use ondol_call::policy::deadline::attempt_timeout;
use ondol_call::policy::dice::Dice;
use ondol_call::policy::moment::Moment;
use ondol_call::policy::retry::{self, Ended, Mode, Next, Place, Repeat, Tries};
use ondol_call::policy::settings::Settings;

/// What an endpoint does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Answers 200 in 5 to 15 ms.
    Well,
    /// Answers this in 1 ms.
    Says(u16),
    /// Never answers.
    Stalls,
    /// Takes no connection.
    Refuses,
    /// Any of the above but refusing, each as likely.
    Anything,
}

/// From when on an endpoint has a manner. The last one that has begun counts.
pub(crate) type Course = Vec<(Duration, Manner)>;

struct Endpoint {
    course: Course,
    breaker: Breaker,
    load: Load,
}

struct Call {
    repeat: Repeat,
    deadline: Moment,
    tries: Tries,
    tried: Vec<bool>,
    /// Any endpoint will do if all were tried.
    anywhere: bool,
}

enum Event {
    Arrive,
    Attempt(Call),
    Ended { call: Call, index: usize, pass: Pass, began: Moment, ended: Ended },
}

/// An attempt that was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) at: Moment,
    pub(crate) index: usize,
}

pub(crate) struct World {
    settings: Settings,
    dice: Dice,
    now: Moment,
    events: BinaryHeap<Reverse<(Moment, u64)>>,
    /// Events by number, those from `first` on; done ones are taken.
    due: VecDeque<Option<Event>>,
    first: u64,
    endpoints: Vec<Endpoint>,
    budget: Budget,
    /// When each call came.
    pub(crate) calls: Vec<Moment>,
    pub(crate) attempts: Vec<Attempt>,
    /// When how much was withdrawn.
    pub(crate) withdrawn: Vec<(Moment, u32)>,
    /// What each breaker did, and when.
    pub(crate) changes: Vec<(Moment, usize, Change)>,
    pub(crate) succeeded: usize,
    /// The fewest endpoints that were usable when a call came.
    pub(crate) usable_min: usize,
}

/// A thousand calls a second.
const PACE: Duration = Duration::from_millis(1);

impl World {
    pub(crate) fn new(seed: u64, courses: Vec<Course>) -> Self {
        let settings = Settings::default();
        let endpoint = |course| Endpoint {
            course,
            breaker: Breaker::new(settings.breaker, Moment::START),
            load: Load::new(settings.balance),
        };
        let mut world = Self {
            dice: Dice::new(seed),
            now: Moment::START,
            events: BinaryHeap::new(),
            due: VecDeque::new(),
            first: 0,
            usable_min: courses.len(),
            endpoints: courses.into_iter().map(endpoint).collect(),
            budget: Budget::new(settings.budget),
            calls: Vec::new(),
            attempts: Vec::new(),
            withdrawn: Vec::new(),
            changes: Vec::new(),
            succeeded: 0,
            settings,
        };
        world.at(Moment::START, Event::Arrive);
        world
    }

    /// Lets a thousand calls a second come for so long, and then waits for no one.
    pub(crate) fn run(mut self, lasts: Duration) -> Self {
        while let Some(Reverse((at, number))) = self.events.pop()
            && at < Moment::START + lasts
        {
            self.now = at;
            let event = self.due[(number - self.first) as usize].take().expect("each event happens once");
            while let Some(None) = self.due.front() {
                self.due.pop_front();
                self.first += 1;
            }
            match event {
                Event::Arrive => self.arrive(),
                Event::Attempt(call) => self.attempt(call),
                Event::Ended { call, index, pass, began, ended } => {
                    self.learn(index, pass, began, ended);
                    self.settle(call, ended);
                }
            }
        }
        self
    }

    fn at(&mut self, at: Moment, event: Event) {
        self.events.push(Reverse((at, self.first + self.due.len() as u64)));
        self.due.push_back(Some(event));
    }

    fn arrive(&mut self) {
        let now = self.now;
        self.at(now + PACE, Event::Arrive);
        self.calls.push(now);
        self.budget.deposit(now);
        let usable = self.endpoints.iter().filter(|endpoint| endpoint.breaker.admits(now) == Admit::Yes);
        self.usable_min = self.usable_min.min(usable.count());
        // Half of them reads, half of them writes that must not be sent twice.
        let method = if self.calls.len().is_multiple_of(2) { Method::GET } else { Method::POST };
        let tries = Tries {
            counted: 0,
            counted_max: retry::attempts_max(&self.settings.retry, &method, None),
            turned_away: 0,
            endpoints_left: 0,
            remaining: self.settings.deadline,
        };
        let (repeat, deadline) = (Repeat::of(&method, false, false), now + self.settings.deadline);
        let none = vec![false; self.endpoints.len()];
        self.attempt(Call { repeat, deadline, tries, tried: none, anywhere: false });
    }

    fn views(&self, tried: &[bool]) -> Vec<View<'_>> {
        let both = self.endpoints.iter().zip(tried);
        both.map(|(endpoint, tried)| View {
            admit: endpoint.breaker.admits(self.now),
            usable_since: endpoint.breaker.usable_since().filter(|since| *since > Moment::START),
            tried: *tried,
            load: &endpoint.load,
        })
        .collect()
    }

    fn pick(&mut self, tried: &[bool]) -> Option<Pick> {
        let mut dice = self.dice.clone();
        let picked = balance::pick(&self.views(tried), self.now, &self.settings.balance, &mut dice);
        self.dice = dice;
        picked
    }

    fn attempt(&mut self, mut call: Call) {
        let mut picked = self.pick(&call.tried);
        if picked.is_none() && call.anywhere {
            picked = self.pick(&vec![false; self.endpoints.len()]);
        }
        let Some(Pick { index, .. }) = picked else { return };
        call.tried[index] = true;
        call.tries.counted += 1;
        let now = self.now;
        self.attempts.push(Attempt { at: now, index });
        let another_possible = call.repeat == Repeat::Safe && call.tries.counted < call.tries.counted_max;
        let timeout = attempt_timeout(call.deadline.since(now), None, another_possible);
        let (takes, ended) = self.behave(index, timeout);
        let endpoint = &mut self.endpoints[index];
        endpoint.load.began();
        let pass = endpoint.breaker.began(now);
        self.at(now + takes, Event::Ended { call, index, pass, began: now, ended });
    }

    fn behave(&mut self, index: usize, timeout: Duration) -> (Duration, Ended) {
        let since_start = self.now.since_start();
        let begun = self.endpoints[index].course.iter().rev().find(|(from, _)| *from <= since_start);
        let mut manner = begun.map_or(Manner::Well, |(_, manner)| *manner);
        if manner == Manner::Anything {
            let any = [Manner::Well, Manner::Says(503), Manner::Says(500), Manner::Stalls];
            manner = any[self.dice.below(any.len())];
        }
        let says = |code| Ended::Answered {
            status: StatusCode::from_u16(code).expect("a status"),
            unprocessed: false,
            retry_after: None,
        };
        match manner {
            Manner::Well => (Duration::from_micros(5_000 + self.dice.below(10_000) as u64), says(200)),
            Manner::Says(code) => (Duration::from_millis(1), says(code)),
            Manner::Stalls | Manner::Anything => (timeout, Ended::TimedOut),
            Manner::Refuses => (Duration::from_micros(100), Ended::NotSent),
        }
    }

    /// Breaker and balancer learn from how an attempt ended.
    fn learn(&mut self, index: usize, pass: Pass, began: Moment, ended: Ended) {
        let now = self.now;
        let untried = vec![false; self.endpoints.len()];
        let leeway = balance::leeway(&self.views(&untried), index, &self.settings.balance);
        let (outcome, sample) = match ended {
            Ended::NotSent => (Outcome::Unreachable, Sample::Failed { retry_after: None }),
            Ended::Answered { status, retry_after, .. } => match status.as_u16() {
                429 => (Outcome::Ok, Sample::Failed { retry_after }),
                500 | 501 => (Outcome::Soft, Sample::Failed { retry_after }),
                502.. => (Outcome::Hard, Sample::Failed { retry_after }),
                _ => (Outcome::Ok, Sample::Took(now.since(began))),
            },
            Ended::TimedOut | Ended::Cut | Ended::CutAfterBegin | Ended::ClientGone | Ended::TurnedAway => {
                (Outcome::Hard, Sample::Failed { retry_after: None })
            }
        };
        let endpoint = &mut self.endpoints[index];
        endpoint.load.ended(now, sample);
        let change = endpoint.breaker.ended(now, pass, outcome, leeway, &mut self.dice);
        if let Some(Change::Closed { .. }) = change {
            endpoint.load.returned();
        }
        self.changes.extend(change.map(|change| (now, index, change)));
    }

    fn settle(&mut self, mut call: Call, ended: Ended) {
        if let Ended::Answered { status, .. } = ended
            && status.is_success()
        {
            self.succeeded += 1;
            return;
        }
        let now = self.now;
        call.tries.remaining = call.deadline.since(now);
        call.tries.endpoints_left = call.tried.iter().filter(|tried| !**tried).count();
        let next = retry::decide(Mode::Full, ended, call.repeat, &call.tries, &self.settings.retry);
        let Next::Retry { place, wait, counted, cost } = next else { return };
        if cost > 0 {
            if self.budget.withdraw(now, cost).is_err() {
                return;
            }
            self.withdrawn.push((now, cost));
        }
        if !counted {
            call.tries.counted -= 1;
        }
        call.anywhere = place != Place::Another;
        let wait = wait.draw(call.tries.counted, &self.settings.retry.backoff, &mut self.dice);
        self.at(now + wait, Event::Attempt(call));
    }
}
