//! A disk that gets full: telemetry stops before sagas do, says so, loses nothing that it acknowledged, and goes on by
//! itself.

use super::body::{Said, log, logs, post_json};
use super::{Programs, sagas::Bed, seen::Seen};
use crate::clock::{wait_for, wall_ns};
use crate::disk::Disk;
use crate::error::Error;
use crate::nezha::Archive;
use crate::print::Print;
use crate::receiver::Receiver;
use std::path::Path;
use std::time::Duration;

/// Size of the disk: telemetry wants 512 MiB free of it, and Ondol's own store takes a quarter.
const DISK_BYTES: u64 = 2 << 30;

/// Too little for telemetry, enough for sagas.
const LOW_BYTES: u64 = 400 << 20;

/// How soon the state of the disk must be seen.
const SEEN_WITHIN: Duration = Duration::from_secs(15);

/// Plays it.
///
/// # Errors
/// [`Error::Skipped`] where no disk can be mounted; if the server cannot be run.
pub(super) fn run(
    _root: &Path,
    print: &Print,
    programs: &Programs,
    _archive: &Archive,
    directory: &Path,
) -> Result<(), Error> {
    // Outlives the server that works on it.
    let disk = Disk::mount_of(directory, DISK_BYTES)?;
    let data = disk.path().join("ondol-data");
    std::fs::create_dir(&data)
        .and_then(|()| std::os::unix::fs::symlink(&data, directory.join("ondol-data")))
        .map_err(|error| Error::file("make", &data, error))?;
    let mut bed = Bed::start(programs, directory)?;
    print.heading(&format!("A full disk: {}, {} MiB free", disk.kind, disk.free_bytes() >> 20));
    let mut kept = 0;
    let mut number = 0;
    let mut send = |receiver: &Receiver, kept: &mut u64| -> Result<Said, Error> {
        number += 1;
        let said = post_json(
            receiver.http,
            "/v1/logs",
            &logs("diskful", &[log(wall_ns(), &format!("line {number}"), &[])]),
        )?;
        *kept += u64::from(said.status == 200);
        Ok(said)
    };
    let said = send(&bed.receiver, &mut kept)?;
    print.check(said.status == 200, &format!("with room: {}", said.short()));
    disk.fill_to(LOW_BYTES)?;
    bed.meanwhile(print, "nearly full", |receiver| {
        let said = wait_for(SEEN_WITHIN, || send(receiver, &mut kept).ok().filter(|said| said.status != 200));
        let said = said.ok_or_else(|| Error::Failed(format!("taken with {} MiB free", LOW_BYTES >> 20)))?;
        let held = matches!(said.status, 429 | 503) && said.head.contains("retry-after");
        print.check(held, &format!("with {} MiB free: {}", LOW_BYTES >> 20, said.short()));
        Ok(())
    })?;
    disk.fill_to(0)?;
    let said = send(&bed.receiver, &mut kept)?;
    print.check(matches!(said.status, 429 | 503), &format!("with nothing free: {}", said.short()));
    let found = Seen::of(&bed.receiver).logs("service:diskful")?;
    print.check(found == kept, &format!("{found} of {kept} acknowledged records are found meanwhile"));
    disk.clear()?;
    let taken =
        wait_for(SEEN_WITHIN, || send(&bed.receiver, &mut kept).ok().filter(|said| said.status == 200));
    print.check(taken.is_some(), "with room again records are taken, by the same process");
    bed.receiver.unit.kill();
    bed.receiver.unit.restart(&[])?;
    let found = Seen::of(&bed.receiver).logs("service:diskful")?;
    print.check(found == kept, &format!("{found} of {kept} acknowledged records are found after a SIGKILL"));
    drop(bed);
    Ok(())
}
