//! A disk that gets full: new work is refused while there is still room for the old, the old goes on to its end on the last
//! bytes, and when there is room again Ondol goes on by itself.

use super::room::Disk;
use super::scene::{PATIENCE, Scene, mib};
use super::{ANSWER_WITHIN, UNTOLD, setup, told};
use crate::bookings::{self, Case, STILL_MAX, Verdict, known, seated};
use crate::clock::{Stopwatch, wait_for};
use crate::error::Error;
use crate::print::Print;
use crate::stack::{Service, Stack};
use crate::workspace;
use std::path::Path;
use std::time::Duration;

/// Bookings before the disk gets full, and as many when there is room again. Whole pairs.
const EACH: u64 = 60;

/// Free bytes that are too few to accept anything (below 256 MiB), and enough for what was accepted.
const LOW_BYTES: u64 = 200 << 20;

/// New bookings that are tried while there is too little room.
const TRIED: usize = 3;

/// How long nothing can be written.
const STARVED: Duration = Duration::from_secs(5);

/// How soon after the disk has room again bookings must be accepted.
const ACCEPTS_WITHIN: Duration = Duration::from_secs(10);

/// Plays it.
///
/// # Errors
/// If it cannot be run, or something did not hold.
pub(super) fn run(root: &Path, print: &Print, seed: u64) -> Result<(), Error> {
    workspace::directory("ondol-full-", |directory| {
        // Outlives the stack that works on it.
        let disk = Disk::mount(directory)?;
        let data = disk.path().join("ondol-data");
        std::fs::create_dir(&data)
            .and_then(|()| std::os::unix::fs::symlink(&data, directory.join("ondol-data")))
            .map_err(|error| Error::file("make", &data, error))?;
        let mut stack = Stack::start(root, &setup(directory))?;
        bookings::prepare(&mut stack, 2 * EACH)?;
        let cases: Vec<Case> = (0..2 * EACH).map(|number| bookings::case(seed, number)).collect();
        let (early, late) = cases.split_at(cases.len() / 2);
        print.heading(&format!("A full disk: {}, {} free", disk.kind, mib(disk.free_bytes())));
        let mut scene = Scene { print, stack: &mut stack, disk: &disk };
        scene.nearly_full(early, late)?;
        scene.full(early)?;
        scene.room_again(late)?;
        scene.killed_while_full()?;
        scene.nothing_left(late)?;
        Verdict::reach(stack, cases, STILL_MAX)?.print(print);
        print.held()
    })
}

impl Scene<'_> {
    /// Too little room for new work, enough for the old.
    fn nearly_full(&mut self, early: &[Case], late: &[Case]) -> Result<(), Error> {
        self.stack.service(Service::Flight).kill();
        self.stack.service(Service::Payment).kill();
        let mut api = self.stack.api();
        for case in early {
            api.submit(&case.booking)?;
        }
        self.wait_at(Service::Flight, known(early))?;
        self.print.action(&format!(
            "{} bookings accepted; {} wait for flight, which is away",
            early.len(),
            known(early)
        ));
        self.disk.fill_to(LOW_BYTES)?;
        self.print.action(&format!("a file takes all but {}", mib(self.disk.free_bytes())));
        self.refuses(&late[..TRIED], "below 256 MiB")?;
        let repeated = told(api.try_submit(&early[0].booking));
        self.print
            .check(repeated == "200", &format!("an accepted booking that is sent again gets {repeated}"));
        let accepting = api.metrics()?.sample("ondol_disk_accepting");
        self.print.check(accepting == 0, &format!("ondol_disk_accepting is {accepting}"));
        self.stack.service(Service::Flight).restart(&[])?;
        let waits = self.wait_at(Service::Payment, seated(early));
        self.print.check(
            waits.is_ok(),
            &format!(
                "flight is back: those with a seat go on to the payment, {} of them, which is away",
                seated(early)
            ),
        );
        waits
    }

    /// No room at all.
    fn full(&mut self, early: &[Case]) -> Result<(), Error> {
        self.disk.fill_to(0)?;
        self.print.action(&format!(
            "the file grows: {} are free; the ballast is there: {}",
            mib(self.disk.free_bytes()),
            self.ballast()
        ));
        self.stack.service(Service::Payment).restart(&[])?;
        let watch = Stopwatch::start();
        wait_for(PATIENCE, || self.open(early).is_empty().then_some(()));
        let open = self.open(early);
        self.print.check(
            open.is_empty(),
            &format!(
                "payment is back: {} of {} have ended after {:.1} s; the ballast is there: {}, {} are free",
                early.len() - open.len(),
                early.len(),
                watch.elapsed().as_secs_f64(),
                self.ballast(),
                mib(self.disk.free_bytes()),
            ),
        );
        self.print.check(!self.ballast(), "the ballast was given back to the disk");
        Ok(())
    }

    /// The file is removed: Ondol goes on by itself.
    fn room_again(&mut self, late: &[Case]) -> Result<(), Error> {
        self.refuses(&late[..1], "on the last bytes")?;
        self.stack.service(Service::Payment).kill();
        let before = self.stack.ondol.id();
        self.disk.clear()?;
        let watch = Stopwatch::start();
        let mut api = self.stack.api();
        let accepted = wait_for(ACCEPTS_WITHIN, || {
            api.try_submit(&late[0].booking).ok().filter(|answer| answer.status == 201)
        });
        self.print.check(
            accepted.is_some() && self.stack.ondol.alive() && self.stack.ondol.id() == before,
            &format!(
                "the file is gone: a booking is accepted after {} ms, by the same process",
                watch.elapsed().as_millis()
            ),
        );
        for case in &late[1..] {
            api.submit(&case.booking)?;
        }
        let reopened = api.metrics()?.sample("ondol_log_reopened_total");
        self.print.action(&format!("the store was opened again {reopened} times so far"));
        self.followed();
        self.print.check(self.ballast(), "the ballast is there again");
        self.wait_at(Service::Payment, seated(late))
    }

    /// SIGKILL on a full disk, once with the ballast to be released and once without.
    fn killed_while_full(&mut self) -> Result<(), Error> {
        for ballast in [true, false] {
            self.disk.fill_to(0)?;
            self.stack.ondol.kill();
            let free = mib(self.disk.free_bytes());
            let with = if ballast { "with the ballast" } else { "and the ballast is used up" };
            let (held, line) = match self.stack.ondol.restart(&[]) {
                Ok(()) => (true, "it is up again".to_owned()),
                Err(error) => {
                    let error = error.to_string();
                    let last = error.lines().last().unwrap_or_default().trim();
                    // Where nothing is left it may refuse, if it says why.
                    (!ballast && last.contains("space"), format!("it refuses: {last}"))
                }
            };
            self.print.check(held, &format!("SIGKILL and a start with {free} free {with}: {line}"));
        }
        if !self.stack.ondol.alive() {
            self.disk.clear()?;
            self.stack.ondol.restart(&[])?;
            self.disk.fill_to(0)?;
        }
        Ok(())
    }

    /// Not even the ballast is left, and there is something to write down: it cannot be, until there is room.
    fn nothing_left(&mut self, late: &[Case]) -> Result<(), Error> {
        let before = self.stack.ondol.id();
        self.stack.service(Service::Payment).restart(&[])?;
        std::thread::sleep(STARVED);
        let mut api = self.stack.api().patient(ANSWER_WITHIN);
        let open = self.open(late).len();
        let answers = [api.status().is_ok(), api.metrics().is_ok()];
        self.print.action(&format!(
            "payment is back, nothing can be written: after {STARVED:?} {open} are still open"
        ));
        self.print.check(
            answers == [true; 2],
            &format!("/v1/status and /metrics answer meanwhile, within {ANSWER_WITHIN:?}: {answers:?}"),
        );
        let again = told(api.try_submit(&late[0].booking));
        self.print.check(
            !again.starts_with(UNTOLD),
            &format!("meanwhile a booking that is sent again gets {again}"),
        );
        self.disk.clear()?;
        let watch = Stopwatch::start();
        let open = wait_for(PATIENCE, || self.open(late).is_empty().then_some(()));
        let reopened = api.metrics()?.sample("ondol_log_reopened_total");
        self.print.check(
            open.is_some() && self.stack.ondol.alive() && self.stack.ondol.id() == before,
            &format!(
                "the file is gone: all {} have ended after {:.1} s, in the same process, which opened its store again {reopened} times",
                late.len(),
                watch.elapsed().as_secs_f64()
            ),
        );
        self.followed();
        Ok(())
    }
}
