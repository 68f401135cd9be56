//! Kills and revives: the one thread that starts and ends processes while the load goes on.

use super::deaths::{Death, Life, Point, Toll};
use super::load::Load;
use crate::clock::Stopwatch;
use crate::error::Error;
use crate::stack::{Service, Stack};
use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

/// How often the keeper looks around.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How long a life may take to reach its death. Then it is killed at once, and a death at a place is planned again,
/// at an earlier visit.
const REACH_MAX: Duration = Duration::from_secs(5);

/// Deaths that are planned again; beyond it something is wrong with the places, and the verdict says so.
const REPEATS_MAX: u64 = 40;

/// Into a life: when the service that dies in it is killed, and how long it stays away.
const SERVICE_DIES_AFTER: Duration = Duration::from_millis(120);
const SERVICE_AWAY: Duration = Duration::from_millis(250);

/// Between two lines of progress.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// SIGABRT, which `--die-at` ends with.
const ABORTED: i32 = 6;

/// What was killed so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Kills {
    /// Ondol, by SIGKILL at any moment.
    pub(super) random: u64,
    /// Ondol, at a place.
    pub(super) at: BTreeMap<Point, u64>,
    /// Services, by SIGKILL.
    pub(super) services: u64,
    /// Services that died by themselves after a commit.
    pub(super) suicides: u64,
    /// How long Ondol took to be up again, each time.
    pub(super) back_after: Vec<Duration>,
}

impl Kills {
    /// Ondol's deaths.
    pub(super) fn ondol(&self) -> u64 {
        self.random + self.at.values().sum::<u64>()
    }

    /// Were there as many as planned?
    pub(super) fn reach(&self, toll: Toll) -> bool {
        let at = |point: Point| self.at.get(&point).copied().unwrap_or_default();
        self.random >= toll.random
            && self.services >= toll.services
            && Point::ALL.into_iter().all(|point| at(point) >= toll.each_point)
    }
}

/// Owns the processes while the load runs.
pub(super) struct Keeper<'a> {
    stack: &'a mut Stack,
    load: &'a Load,
    kills: Kills,
    /// Killed processes of services, by number, and for how long they have been away.
    away: Vec<((Service, usize), Stopwatch)>,
    began: Stopwatch,
    told: Stopwatch,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(stack: &'a mut Stack, load: &'a Load) -> Self {
        let now = Stopwatch::start();
        Self { stack, load, kills: Kills::default(), away: Vec::new(), began: now, told: now }
    }

    /// Lives through all lives, then until everything that was to be booked is accepted.
    ///
    /// # Errors
    /// If a program does not come back, or dies otherwise than planned.
    pub(super) fn keep(mut self, lives: Vec<Life>, bookings: u64, share: u64) -> Result<Kills, Error> {
        let mut lives = VecDeque::from(lives);
        let (mut released, mut repeats) = (0, 0);
        while let Some(life) = lives.pop_front() {
            if life.death.takes_load() || life.again {
                released += share;
                self.load.release(released);
            }
            let mut service = life.service;
            if let Some(death) = self.live(life.death, &mut service)?
                && repeats < REPEATS_MAX
            {
                repeats += 1;
                lives.push_front(Life { death, service: None, again: true });
            }
            if let Some(service) = service {
                self.kill_service(service)?;
            }
            let next = lives.front().map(|life| life.death);
            self.start_ondol(next, &mut lives)?;
        }
        self.load.release(bookings);
        while !self.load.done() {
            self.look()?;
        }
        while !self.away.is_empty() {
            self.look()?;
        }
        Ok(self.kills)
    }

    /// Starts Ondol and remembers how long it took.
    fn restart_ondol(&mut self, extra: &[OsString]) -> Result<(), Error> {
        let watch = Stopwatch::start();
        self.stack.ondol.restart(extra)?;
        self.kills.back_after.push(watch.elapsed());
        Ok(())
    }

    /// Starts Ondol with the flag for its next death. A death in recovery may come before it is up.
    fn start_ondol(&mut self, death: Option<Death>, lives: &mut VecDeque<Life>) -> Result<(), Error> {
        let Some(Death::At { point, visit }) = death else { return self.restart_ondol(&[]) };
        let flag = ["--die-at".into(), format!("{}:{visit}", point.name()).into()];
        match self.restart_ondol(&flag) {
            Err(Error::Early { status, .. }) if status.signal() == Some(ABORTED) => {
                *self.kills.at.entry(point).or_default() += 1;
                if let Some(service) = lives.pop_front().and_then(|life| life.service) {
                    self.kill_service(service)?;
                }
                let next = lives.front().map(|life| life.death);
                self.start_ondol(next, lives)
            }
            other => other,
        }
    }

    /// One life, to its end, in which `service` is killed if there is time. Gives back a death that was not reached.
    fn live(&mut self, death: Death, service: &mut Option<Service>) -> Result<Option<Death>, Error> {
        let watch = Stopwatch::start();
        let accepted_before = self.load.accepted();
        let mut enough: Option<Stopwatch> = None;
        loop {
            self.look()?;
            if let Death::Random { accepted, .. } = death
                && (self.load.accepted() - accepted_before >= accepted || watch.elapsed() >= REACH_MAX)
            {
                enough.get_or_insert_with(Stopwatch::start);
            }
            if watch.elapsed() > SERVICE_DIES_AFTER
                && let Some(service) = service.take()
            {
                self.kill_service(service)?;
            }
            match (death, self.stack.ondol.ended()) {
                (Death::At { point, .. }, Some(status)) if status.signal() == Some(ABORTED) => {
                    *self.kills.at.entry(point).or_default() += 1;
                    return Ok(None);
                }
                (_, Some(status)) => return Err(self.unplanned(status)),
                (Death::Random { after, .. }, None)
                    if enough.is_some_and(|since| since.elapsed() >= after) =>
                {
                    self.kill_ondol();
                    return Ok(None);
                }
                (Death::At { point, visit }, None) if watch.elapsed() >= REACH_MAX => {
                    self.kill_ondol();
                    return Ok(Some(Death::At { point, visit: visit.div_ceil(2) }));
                }
                (Death::Random { .. } | Death::At { .. }, None) => {}
            }
        }
    }

    fn kill_ondol(&mut self) {
        self.stack.ondol.kill();
        self.kills.random += 1;
    }

    fn kill_service(&mut self, service: Service) -> Result<(), Error> {
        // One after the other; at times both are away.
        let units = self.stack.instances(service);
        let number = self.kills.services as usize % units.len();
        let unit = &mut units[number];
        if !unit.alive() {
            // Dead already, by a fault of its own: it shall die once more.
            self.kills.suicides += 1;
            unit.restart(&[])?;
        }
        unit.kill();
        self.kills.services += 1;
        self.away.push(((service, number), Stopwatch::start()));
        Ok(())
    }

    fn unplanned(&self, status: ExitStatus) -> Error {
        let log = self.stack.ondol.log().display();
        Error::program(
            "ondol",
            format!("ended by itself ({status}), which nobody asked for; its log is {log}"),
        )
    }

    /// Brings back services whose time has come, and those that died by their own faults; tells how it goes.
    fn look(&mut self) -> Result<(), Error> {
        std::thread::sleep(LOOK_EVERY);
        if let Some(error) = self.load.failure() {
            return Err(error);
        }
        for ((service, number), _) in self.away.extract_if(.., |(_, since)| since.elapsed() > SERVICE_AWAY) {
            self.stack.instances(service)[number].restart(&[])?;
        }
        for service in Service::ALL {
            for (number, unit) in self.stack.instances(service).iter_mut().enumerate() {
                let expected_away = self.away.iter().any(|(gone, _)| *gone == (service, number));
                if !expected_away && !unit.alive() {
                    self.kills.suicides += 1;
                    unit.restart(&[])?;
                }
            }
        }
        if self.told.elapsed() > TELL_EVERY {
            self.told = Stopwatch::start();
            self.tell();
        }
        Ok(())
    }

    fn tell(&self) {
        let Kills { random, services, suicides, at, .. } = &self.kills;
        let at: Vec<String> = at.iter().map(|(point, count)| format!("{} {count}", point.name())).collect();
        println!(
            "  {:>4} s  {:>6} accepted  Ondol died {} times (random {random}, {})  services {services} killed, {suicides} by themselves",
            self.began.elapsed().as_secs(),
            self.load.accepted(),
            self.kills.ondol(),
            at.join(", "),
        );
    }
}
