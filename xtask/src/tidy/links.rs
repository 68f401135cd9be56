//! Links that lead somewhere, and commands that exist.

use super::Finding;
use super::tree::{Tree, line_of};
use std::collections::BTreeSet;

/// Relative links in Markdown lead to a file of the tree, and to a heading that is in it.
pub(super) fn relative(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.ending(".md") {
        for (line, target) in targets(text) {
            if let Some(why) = dead(tree, path, &target) {
                found.push(Finding::new(
                    path,
                    line,
                    "dead-link",
                    why,
                    "correct the link, or write what it promises",
                ));
            }
        }
    }
    found
}

/// `](target)` outside code, with its line.
fn targets(text: &str) -> Vec<(usize, String)> {
    let prose = prose(text);
    let links = prose.match_indices("](").filter_map(|(at, open)| {
        let target = &prose[at + open.len()..];
        let target = target.split([')', ' ', '\n']).next()?;
        Some((line_of(&prose, at), target.to_owned()))
    });
    links.filter(|(_, target)| !target.is_empty() && !target.contains(':')).collect()
}

/// The text with fenced blocks and code spans blanked, lines kept.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            lines.push(String::new());
        } else if fenced {
            lines.push(String::new());
        } else {
            let spans = line.split('`').enumerate();
            lines.push(spans.map(|(n, part)| if n % 2 == 0 { part } else { "" }).collect());
        }
    }
    lines.join("\n")
}

fn dead(tree: &Tree, from: &str, target: &str) -> Option<String> {
    let (file, heading) =
        target.split_once('#').map_or((target, None), |(file, heading)| (file, Some(heading)));
    let file = if file.is_empty() { from.to_owned() } else { resolve(from, file)? };
    if !tree.has(&file) {
        return Some(format!("{target} is not there"));
    }
    // Only Markdown has headings; `#L10` in source is a forge's business.
    let (_, text) = tree.ending(".md").find(|(path, _)| *path == file)?;
    let heading = heading?;
    let there = headings(text).contains(heading);
    (!there).then(|| format!("{file} has no heading #{heading}"))
}

/// A path seen from the file `from`. `None` leaves the tree, which a link to a forge's pages may do.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { from.split('/').collect() };
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Headings as forges write them in links: lower case, spaces to dashes, other signs dropped.
fn headings(text: &str) -> BTreeSet<String> {
    let headings =
        text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let slug = |heading: &str| {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(slug).collect()
}

/// Commands in the README's blocks exist.
pub(super) fn commands(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| path.ends_with("README.md")) {
        for (line, command) in shell_lines(text) {
            if let Some(why) = unknown(tree, command) {
                found.push(Finding::new(path, line, "command", why, "correct the command, or build it"));
            }
        }
    }
    found
}

/// Lines of fenced blocks that are for a shell, with their number.
fn shell_lines(text: &str) -> Vec<(usize, &str)> {
    let mut shell = None;
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            shell = match shell {
                None => Some(matches!(language.trim(), "" | "sh" | "bash" | "console" | "shell")),
                Some(_) => None,
            };
        } else if shell == Some(true) {
            found.push((number + 1, line.trim_start().trim_start_matches("$ ")));
        }
    }
    found
}

fn unknown(tree: &Tree, command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    match words.as_slice() {
        ["cargo", "xtask", verb, ..] if !verb.starts_with('-') => {
            let known = crate::cli::verbs().iter().any(|known| known == verb);
            (!known).then(|| format!("there is no `cargo xtask {verb}`"))
        }
        ["ondol", verb, ..] if verb.starts_with(|c: char| c.is_ascii_lowercase()) => {
            let variant = pascal(verb);
            let mut binary = tree.below("crates/ondol/src").peekable();
            // Without the binary's source (the tests of other rules) there is nothing to compare with.
            binary.peek()?;
            let known = binary.any(|(_, text)| super::source::words(text, &variant).next().is_some());
            (!known).then(|| format!("there is no `ondol {verb}`"))
        }
        _ => None,
    }
}

/// How clap's derive names the variant of a verb.
fn pascal(verb: &str) -> String {
    let words = verb.split('-').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn links_lead_somewhere() {
        let cases = [
            ("[a](other.md)", true),
            ("[a](./other.md#the-other-half)", true),
            ("[a](other.md#nowhere)", false),
            ("[a](gone.md)", false),
            ("[a](../src/lib.rs)", true),
            ("[a](../src)", true),
            ("[a](#here-i-am)", true),
            ("[a](#not-here)", false),
            ("[a](https://example.org/x)", true),
            ("[a](../../issues)", true),
            ("`[a](gone.md)`", true),
            ("```\n[a](gone.md)\n```", true),
        ];
        for (text, fine) in cases {
            let page = format!("# Here I am\n{text}\n");
            let files =
                [("docs/a.md", page.as_str()), ("docs/other.md", "## The other half\n"), ("src/lib.rs", "")];
            check(relative, &files, if fine { &[] } else { &["docs/a.md:2"] });
        }
    }

    #[test]
    fn commands_exist() {
        let cases = [
            ("cargo xtask tidy", true),
            ("cargo xtask fly", false),
            ("$ ondol serve --config x", true),
            ("ondol wy s-1", false),
            ("ondol dry-run", true),
            ("curl localhost", true),
        ];
        for (command, fine) in cases {
            let readme = format!("# A\n```sh\n{command}\n```\ncargo xtask fly\n");
            let files = [
                ("README.md", readme.as_str()),
                ("crates/ondol/src/cli.rs", "enum Verb { Serve, Why, DryRun }"),
            ];
            check(commands, &files, if fine { &[] } else { &["README.md:3"] });
        }
    }
}
