//! A view in memory and one in files do the same; the one in files also survives, or starts again.

#![expect(clippy::unwrap_used, reason = "in the helpers of a test; one that cannot go on has failed")]

use Direction::{Backward, Forward};
use bytes::Bytes;
use ondol_store::{
    log::Position,
    view::{Batch, Direction, View},
};
use proptest::prelude::*;
use std::fs;
use tempfile::TempDir;

fn pairs(view: &View, prefix: &str, after: Option<&str>, direction: Direction, limit: usize) -> String {
    let found = view.scan(prefix.as_bytes(), after.map(str::as_bytes), direction, limit).unwrap();
    found.iter().map(|(key, _)| String::from_utf8_lossy(key).into_owned()).collect::<Vec<_>>().join(" ")
}

fn filled(view: View) -> View {
    let mut batch = Batch::new();
    for key in ["a", "a/1", "a/2", "a/3", "b", "b/1"] {
        batch.put(key, format!("value of {key}"));
    }
    batch.put("a/9", "put and deleted in one batch");
    batch.delete("a/9");
    view.apply(batch, Position(7)).unwrap();
    view
}

fn check(view: View) {
    assert_eq!(view.position().unwrap(), Position::START);
    let view = filled(view);
    assert_eq!(view.position().unwrap(), Position(7));
    assert_eq!(view.get(b"a/1").unwrap(), Some(Bytes::from("value of a/1")));
    assert_eq!(view.get(b"a/9").unwrap(), None);
    let cases = [
        ("", None, Forward, 10, "a a/1 a/2 a/3 b b/1"),
        ("", None, Backward, 3, "b/1 b a/3"),
        ("a/", None, Forward, 2, "a/1 a/2"),
        ("a/", Some("a/2"), Forward, 2, "a/3"),
        ("a/", Some("a/2"), Backward, 2, "a/1"),
        ("a/", Some("a/25"), Backward, 9, "a/2 a/1"),
        ("a/", Some("a/3"), Forward, 2, ""),
        ("a/", Some("a"), Forward, 2, "a/1 a/2"),
        ("a/", Some("b"), Forward, 2, ""),
        ("a/", Some("b"), Backward, 1, "a/3"),
        ("a/", Some("a"), Backward, 1, ""),
        ("b", None, Backward, 9, "b/1 b"),
        ("c", None, Forward, 9, ""),
        ("a", None, Forward, 0, ""),
    ];
    for (prefix, after, direction, limit, expected) in cases {
        let case = format!("{prefix:?} after {after:?} {direction:?}");
        assert_eq!(pairs(&view, prefix, after, direction, limit), expected, "{case}");
    }
    view.clear().unwrap();
    assert_eq!(
        (view.position().unwrap(), pairs(&view, "", None, Forward, 9)),
        (Position::START, String::new())
    );
    let mut batch = Batch::new();
    batch.put(vec![0xff, 0xff], "x");
    view.apply(batch, Position(8)).unwrap();
    assert_eq!(view.scan(&[0xff], None, Backward, 9).unwrap().len(), 1, "a prefix that has no end");
}

#[test]
fn memory() {
    check(View::memory());
}

#[test]
fn files() {
    let directory = TempDir::new().unwrap();
    check(View::open(&directory.path().join("view"), 1).unwrap());
}

#[test]
fn files_survive_or_start_again() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("view");
    drop(filled(View::open(&path, 1).unwrap()));
    let view = View::open(&path, 1).unwrap();
    assert_eq!(pairs(&view, "b", None, Forward, 9), "b b/1", "kept");
    let second = View::open(&path, 1).unwrap_err();
    assert!(second.to_string().contains("view"), "one owner: {second}");
    drop(view);
    assert_eq!(View::open(&path, 2).unwrap().position().unwrap(), Position::START, "another schema");
    drop(filled(View::open(&path, 2).unwrap()));
    for file in fs::read_dir(&path).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "jnl") {
            fs::remove_file(file).unwrap();
        }
    }
    fs::write(path.join("version"), "damaged").unwrap();
    assert_eq!(View::open(&path, 2).unwrap().position().unwrap(), Position::START, "damaged");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn pages_join_to_the_whole(
        keys in prop::collection::btree_set(prop::collection::vec(prop::sample::select(vec![0, 1, 0xff]), 1..4), 0..20),
        prefix in prop::collection::vec(prop::sample::select(vec![0, 1, 0xff]), 0..3),
        limit in 1..4_usize,
        backward: bool,
    ) {
        let view = View::memory();
        let mut batch = Batch::new();
        for key in &keys {
            batch.put(key.clone(), "");
        }
        view.apply(batch, Position(1)).unwrap();
        let mut expected: Vec<_> = keys.into_iter().filter(|key| key.starts_with(&prefix)).collect();
        let direction = if backward { expected.reverse(); Backward } else { Forward };
        let mut seen: Vec<Vec<u8>> = Vec::new();
        loop {
            let page = view.scan(&prefix, seen.last().map(Vec::as_slice), direction, limit).unwrap();
            if page.is_empty() {
                break;
            }
            seen.extend(page.into_iter().map(|(key, _)| key.to_vec()));
        }
        prop_assert_eq!(seen, expected);
    }
}
