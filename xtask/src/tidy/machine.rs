//! Nothing that is true on one machine only.

use super::Finding;
use super::tree::{Tree, line_of};

const RULE: &str = "machine-specific";

/// Top folders that differ from machine to machine, or hold one person's files. Without slashes, so that this
/// file does not find itself.
const FOLDERS: &[&str] = &["work", "root", "home", "tmp", "Users"];

/// The only registry; cargo writes it to the lock file.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// No absolute paths of one machine, no registry but the public one.
pub(super) fn paths(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.files() {
        for folder in FOLDERS {
            let needle = format!("/{folder}/");
            for (at, _) in text.match_indices(&needle).filter(|(at, _)| begins_a_path(&text[..*at])) {
                let why = format!("`{needle}` is a place on one machine");
                let fix = "take the path as an argument, or from a temporary directory";
                found.push(Finding::new(path, line_of(text, at), RULE, why, fix));
            }
        }
    }
    found.extend(registries(tree));
    found
}

/// `/x/` after a letter, a dot or a brace is the middle of a path or an address; after a method it is a route.
fn begins_a_path(before: &str) -> bool {
    let routed = ["GET ", "PUT ", "POST ", "PATCH ", "DELETE "].iter().any(|method| before.ends_with(method));
    !routed
        && !before
            .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | '/' | '*' | '~'))
}

fn registries(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let lock = tree.file("Cargo.lock").unwrap_or_default();
    for (number, line) in lock.lines().enumerate() {
        let source = line.strip_prefix("source = \"").and_then(|rest| rest.strip_suffix('"'));
        if let Some(source) = source.filter(|source| *source != REGISTRY) {
            let why = format!("{source} is not the public registry");
            found.push(Finding::new("Cargo.lock", number + 1, RULE, why, "depend on a published crate"));
        }
    }
    let config = tree.file(".cargo/config.toml").unwrap_or_default();
    for (number, line) in config.lines().enumerate() {
        if ["replace-with", "registry", "[source", "index"].iter().any(|word| line.contains(word)) {
            let fix = "keep mirrors in the configuration of the machine that needs them";
            found.push(Finding::new(".cargo/config.toml", number + 1, RULE, "it names a registry", fix));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn places_of_one_machine_are_found() {
        let slashed = |folder: &str, before: &str| format!("\n{before}/{folder}/x");
        let cases = [
            (slashed("tmp", "see "), false),
            (slashed("work", "\""), false),
            (slashed("home", "http://example.org"), true),
            (slashed("work", "{directory}"), true),
            (slashed("root", "POST "), true),
            ("\n/usr/lib/x".to_owned(), true),
        ];
        for (text, fine) in cases {
            check(paths, &[("a.rs", &text)], if fine { &[] } else { &["a.rs:2"] });
        }
    }

    #[test]
    fn registries_are_the_public_one() {
        let lock = format!("source = \"{REGISTRY}\"\nsource = \"git+https://example.org\"\n");
        check(paths, &[("Cargo.lock", &lock)], &["Cargo.lock:2"]);
        let config = "[alias]\nxtask = \"run\"\n[source.crates-io]\n";
        check(paths, &[(".cargo/config.toml", config)], &[".cargo/config.toml:3"]);
    }
}
