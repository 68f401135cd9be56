//! Bytes that released versions wrote. They are never changed: what once was written stays readable.
//!
//! A new fact needs a new fixture: add its sample, then
//! `cargo test -p ondol-store --test journal -- --ignored write_missing_fixtures`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use ondol_core::Event;
use ondol_store::journal::{FORMAT_VERSION, decode, encode};

use crate::samples;

fn folder(version: u8) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/journal/v{version}"))
}

/// One event a line, as `Debug` has it.
fn text(events: &[Event]) -> String {
    events.iter().map(|event| format!("{event:?}")).fold(String::new(), |text, line| text + &line + "\n")
}

#[test]
fn every_fixture_of_every_version_is_read() {
    for version in 1..=FORMAT_VERSION {
        let mut read = 0;
        for file in fs::read_dir(folder(version)).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "bin") {
                continue;
            }
            let name = path.display();
            let bytes = fs::read(&path).unwrap();
            let events = decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(text(&events), fs::read_to_string(path.with_extension("txt")).unwrap(), "{name}");
            if version == FORMAT_VERSION {
                assert_eq!(encode(&events), bytes, "{name} is written as it was");
            }
            read += 1;
        }
        assert!(read > 0, "version {version} has fixtures");
    }
}

#[test]
fn every_sample_has_a_fixture() {
    let mut names = BTreeSet::new();
    for (name, events) in samples::all() {
        let bytes = fs::read(folder(FORMAT_VERSION).join(&name).with_extension("bin"))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(encode(&events), bytes, "{name}");
        assert!(names.insert(name.clone()), "two samples are called {name}");
    }
}

#[test]
#[ignore = "writes into the source tree; run it after adding a sample"]
fn write_missing_fixtures() {
    for (name, events) in samples::all() {
        let path = folder(FORMAT_VERSION).join(name);
        let bin = path.with_extension("bin");
        if !bin.exists() {
            fs::write(bin, encode(&events)).unwrap();
            fs::write(path.with_extension("txt"), text(&events)).unwrap();
        }
    }
}
