//! Every crate takes the workspace's lints, every file says what it is for.

use super::Finding;
use super::tree::Tree;

/// `[lints] workspace = true`.
pub(super) fn lints(tree: &Tree) -> Vec<Finding> {
    tree.manifests()
        .filter(|manifest| !manifest.lints_inherited)
        .map(|manifest| {
            let why = format!("{} has lints of its own", manifest.name);
            Finding::new(manifest.path, 1, "lints", why, "add `[lints]` with `workspace = true`")
        })
        .collect()
}

/// Files that nobody opens to learn what they are for.
fn exempt(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/generated/")
}

/// A Rust file begins with `//!`.
pub(super) fn modules(tree: &Tree) -> Vec<Finding> {
    tree.ending(".rs")
        .filter(|(path, text)| !exempt(path) && !text.starts_with("//!") && !text.is_empty())
        .map(|(path, _)| {
            let fix = "begin it with `//!` and a sentence; say also what it is not for";
            Finding::new(path, 1, "module-doc", "the file does not say what it is for", fix)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn crates_share_lints() {
        let package = "[package]\nname = \"a\"\n";
        check(lints, &[("a/Cargo.toml", package)], &["a/Cargo.toml:1"]);
        check(lints, &[("a/Cargo.toml", &format!("{package}[lints]\nworkspace = true\n"))], &[]);
    }

    #[test]
    fn files_say_what_they_are_for() {
        let files = [("a/src/a.rs", "//! For.\n"), ("a/src/b.rs", "use c;\n"), ("a/tests/c.rs", "use c;\n")];
        check(modules, &files, &["a/src/b.rs:1"]);
    }
}
