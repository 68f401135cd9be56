//! What a reviewer should not have to look for: layering, sizes, bans, links.
//!
//! Every rule is a function from the [`Tree`] to findings, so that its test is a table of snippets. It is not a
//! compiler: what clippy or rustc can say, they say. Source is searched as text with comments and strings taken
//! apart ([`source`]), which is exact enough for our own code.

mod bans;
mod docs;
mod layers;
mod links;
mod machine;
mod manifest;
mod papers;
mod reasons;
mod sizes;
mod source;
mod tree;

use crate::error::Error;
use std::fmt;
use std::path::Path;
use tree::Tree;

/// One thing to put right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    file: String,
    /// From 1; 1 also where the whole file is meant.
    line: usize,
    rule: &'static str,
    why: String,
    fix: String,
}

impl Finding {
    fn new(
        file: &str,
        line: usize,
        rule: &'static str,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { file: file.to_owned(), line, rule, why: why.into(), fix: fix.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, rule, why, fix } = self;
        write!(f, "{file}:{line}: {rule}: {why}; {fix}")
    }
}

/// A rule: looks at the tree, says what is wrong.
type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: &[Rule] = &[
    layers::dependencies,
    layers::sources,
    sizes::files,
    bans::code,
    bans::comments,
    reasons::workspace,
    reasons::members,
    docs::lints,
    docs::modules,
    links::relative,
    links::commands,
    machine::paths,
    papers::architecture,
    papers::decisions,
    papers::release_notes,
];

/// All findings in the tree at `root`, in the order of files.
///
/// # Errors
/// If the tree cannot be read.
fn findings(root: &Path) -> Result<Vec<Finding>, Error> {
    let tree = Tree::read(root)?;
    let mut found: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    found.sort();
    found.dedup();
    Ok(found)
}

/// Prints all findings.
///
/// # Errors
/// If there is one.
pub(crate) fn run(root: &Path) -> Result<(), Error> {
    let found = findings(root)?;
    for finding in &found {
        println!("{finding}");
    }
    match found.len() {
        0 => {
            println!("tidy: nothing to put right");
            Ok(())
        }
        count => Err(Error::Failed(format!("tidy: {count} to put right"))),
    }
}

/// One test of one rule: these files, and the `file:line` of each finding.
#[cfg(test)]
fn check(rule: Rule, files: &[(&str, &str)], expected: &[&str]) {
    let tree = Tree::of(files);
    let mut found: Vec<String> =
        rule(&tree).iter().map(|finding| format!("{}:{}", finding.file, finding.line)).collect();
    found.sort();
    assert_eq!(found, expected, "{files:#?}");
}
