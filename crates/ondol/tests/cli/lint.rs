//! `ondol lint` over a folder of files: one snapshot of what a person reads for each.

use std::path::{Path, PathBuf};

use crate::support::{run, seen};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lint")
}

#[test]
fn every_file_reads_well() {
    let mut names: Vec<String> = fixtures()
        .read_dir()
        .expect("fixtures")
        .map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    for name in names {
        let output = run(&fixtures(), &["lint", &name]);
        let snapshot = format!("lint-{}", name.trim_end_matches(".yaml"));
        insta::assert_snapshot!(snapshot, seen(&output));
    }
}

#[test]
fn the_manner_follows_the_arguments() {
    let table: &[(&str, &[&str])] = &[
        ("json", &["lint", "--json", "several.yaml", "good.yaml"]),
        ("several-files", &["lint", "good.yaml", "warning.yaml"]),
        ("no-such-file", &["lint", "missing.yaml"]),
        ("one-unreadable", &["lint", "missing.yaml", "good.yaml", "broken.yaml"]),
    ];
    for (name, args) in table {
        insta::assert_snapshot!(format!("lint-args-{name}"), seen(&run(&fixtures(), args)));
    }
}
