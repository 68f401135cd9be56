//! Every dependency says why it is here, once: beside its version in the root manifest.

use super::Finding;
use super::manifest::{Dependency, workspace_dependencies};
use super::tree::Tree;

const RULE: &str = "reason";

/// A heading for several lines is a reason if it says something: "Data." does not.
const HEADING_WORDS_MIN: usize = 3;

/// `[workspace.dependencies]` gives a reason on the line, right above it, or above its block.
pub(super) fn workspace(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.file("Cargo.toml") else { return Vec::new() };
    let lines: Vec<&str> = text.lines().collect();
    let foreign = workspace_dependencies(text).into_iter().filter(|dependency| !dependency.path);
    foreign
        .filter(|dependency| !reasoned(&lines, dependency.line))
        .map(|Dependency { package, line, .. }| {
            let why = format!("{package} does not say why it is here");
            Finding::new("Cargo.toml", line, RULE, why, "add `# what for` to the line, or choose without it")
        })
        .collect()
}

fn reasoned(lines: &[&str], line: usize) -> bool {
    let own = lines.get(line - 1).is_some_and(|line| line.contains(" # ") || line.contains("\t# "));
    let above = lines[..line - 1].iter().rev().find(|line| line.is_empty() || line.starts_with('#'));
    let heading = above.and_then(|line| line.strip_prefix('#')).unwrap_or_default();
    own || heading.split_whitespace().count() >= HEADING_WORDS_MIN
}

/// Crates take versions from the workspace, so that there is one of each.
pub(super) fn members(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for manifest in tree.manifests() {
        for Dependency { package, line, .. } in
            manifest.dependencies.iter().filter(|dependency| !dependency.inherited && !dependency.path)
        {
            let why = format!("{package} has a version of its own");
            let fix = "write `workspace = true` and give version and reason in the root manifest";
            found.push(Finding::new(manifest.path, *line, RULE, why, fix));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn a_dependency_has_a_reason() {
        let cases: &[(&str, &[&str])] = &[
            ("a = \"1\" # parses dates", &[]),
            ("a = \"1\"", &["Cargo.toml:3"]),
            ("# Data.\na = \"1\"", &["Cargo.toml:4"]),
            ("# One HTTP stack.\na = \"1\"\nb = \"1\"", &[]),
            ("# One HTTP stack.\na = \"1\"\n\nb = \"1\"", &["Cargo.toml:6"]),
            ("ours = { path = \"ours\" }", &[]),
        ];
        for (lines, expected) in cases {
            check(workspace, &[("Cargo.toml", &format!("\n[workspace.dependencies]\n{lines}\n"))], expected);
        }
    }

    #[test]
    fn a_crate_takes_its_versions_from_the_workspace() {
        let manifest =
            "[package]\nname = \"a\"\n[dependencies]\nb.workspace = true\nc = \"1\"\nd = { path = \".\" }\n";
        check(members, &[("a/Cargo.toml", manifest)], &["a/Cargo.toml:5"]);
    }
}
