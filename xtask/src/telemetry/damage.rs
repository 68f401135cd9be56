//! Files that are damaged while the server is down: it starts, says which, shows the rest, and takes on.

use super::{Programs, seen::Seen};
use crate::clock::wait_for;
use crate::error::Error;
use crate::nezha::{Archive, Hand, unpacked};
use crate::print::Print;
use crate::receiver::Receiver;
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A question that no index answers: it reads the messages.
const READING: &str = "*oute*";

/// How long a generation may take to be in files, in a debug build on a busy machine.
const SEALED_MAX: Duration = Duration::from_mins(3);

/// What is done to a file.
#[derive(Debug, Clone, Copy)]
enum Wound {
    /// Its second half is gone.
    Truncated,
    /// A kilobyte in its middle is other bytes.
    Overwritten,
}

/// Damages a Parquet file, a side-car and a segment, each in two ways.
///
/// # Errors
/// If the server cannot be run, or does not start again.
pub(super) fn run(
    root: &Path,
    print: &Print,
    programs: &Programs,
    archive: &Archive,
    directory: &Path,
) -> Result<(), Error> {
    let day = unpacked(root, archive)?;
    let mut receiver = Receiver::start(&programs.ondol, directory, &[])?;
    print.heading("Damaged files");
    let hand = Hand::new(&programs.telemetry, &day).with("--logs=175211").with("--spans=0");
    hand.run(&receiver.at_grpc())?;
    let first = receiver.telemetry().join("wal/0000000000.logs.wal");
    let sealed = wait_for(SEALED_MAX, || (!first.exists()).then_some(()));
    print.check(sealed.is_some(), "the first generation is in files");
    let mut before = Seen::of(&receiver).logs(READING)?;
    print.action(&format!("{before} log records match {READING}"));
    for (folder, kind) in [("logs", "index"), ("wal", "wal"), ("logs", "parquet")] {
        for wound in [Wound::Truncated, Wound::Overwritten] {
            if kind == "wal" {
                // After a start all is put into files: there must be something in a segment again.
                Hand::new(&programs.telemetry, &day)
                    .with("--logs=20000")
                    .with("--spans=0")
                    .run(&receiver.at_grpc())?;
                before = Seen::of(&receiver).logs(READING)?;
            }
            receiver.unit.kill();
            let Some(path) = largest(&receiver.telemetry(), folder, kind) else {
                print.check(false, &format!("there is no {kind} to damage"));
                receiver.unit.restart(&[])?;
                continue;
            };
            inflict(wound, &path)?;
            let log_before = std::fs::metadata(receiver.unit.log()).map_or(0, |meta| meta.len());
            receiver.unit.restart(&[])?;
            let said = said_of(&receiver, log_before, &path);
            let after = Seen::of(&receiver).logs(READING);
            // A side-car is made again from its file; the records of a damaged file are lost, and only they.
            let right = match (&after, kind) {
                (Ok(after), "index") => *after == before,
                (Ok(after), "wal") => *after > 0 && *after < before,
                (Ok(after), _) => *after > 0 && *after <= before,
                // Where a file cannot be read, what the others hold is not shown without a word.
                (Err(error), _) => error.to_string().contains("parquet"),
            };
            let shown = after
                .as_ref()
                .map_or_else(ToString::to_string, |after| format!("{after} of {before} records"));
            let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
            print.check(
                right && (said.is_some() || after.is_err()),
                &format!(
                    "{wound:?} {kind} {name}: {shown}; it said {}",
                    said.as_deref().unwrap_or("nothing")
                ),
            );
            before = after.unwrap_or(before);
        }
    }
    let sent = Hand::new(&programs.telemetry, &day)
        .with("--logs=2000")
        .with("--spans=2000")
        .run(&receiver.at_grpc())?;
    let taken = sent.first().map_or(Value::Null, |sent| sent["logs"]["records"].clone());
    print.check(taken == 2_000, &format!("{taken} more records are taken after all that"));
    Ok(())
}

/// Is the segment of this file's first generation still there? Then the file does not count: it is written anew.
fn doubtful(telemetry: &Path, file: &Path) -> bool {
    let name = file.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let generation = name.strip_prefix('g').and_then(|name| name.get(..10));
    generation.is_some_and(|generation| telemetry.join("wal").join(format!("{generation}.logs.wal")).exists())
}

/// The largest file of a kind.
fn largest(telemetry: &Path, folder: &str, kind: &str) -> Option<PathBuf> {
    let mut found: Vec<(u64, PathBuf)> = Vec::new();
    let mut folders = vec![telemetry.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            if meta.is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == kind)
                && !doubtful(telemetry, &entry.path())
            {
                found.push((meta.len(), entry.path()));
            }
        }
    }
    found.into_iter().max().map(|(_, path)| path)
}

fn inflict(wound: Wound, path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::FileExt as _;
    let failed = |error| Error::file("damage", path, error);
    let file = File::options().write(true).open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    match wound {
        Wound::Truncated => file.set_len(length / 2).map_err(failed),
        Wound::Overwritten => file.write_all_at(&[0xa5; 1_024], length / 2).map_err(failed),
    }
}

/// The line of the log, since the start, that names the file.
fn said_of(receiver: &Receiver, from: u64, path: &Path) -> Option<String> {
    let text = std::fs::read(receiver.unit.log()).ok()?;
    let text = String::from_utf8_lossy(text.get(usize::try_from(from).ok()?..)?).into_owned();
    let stem = path.file_stem()?.to_string_lossy().into_owned();
    let line = text.lines().find(|line| line.contains(&stem))?;
    let line: Value = serde_json::from_str(line).unwrap_or_else(|_| line.into());
    let message = ["message", "fields"].iter().find_map(|key| line[key].as_str());
    Some(message.map_or_else(|| line.to_string().chars().take(160).collect(), str::to_owned))
}
