//! Papers: the way in stays short, decisions are numbered, every change has a note in one form.

use super::Finding;
use super::tree::Tree;

/// Longer, and nobody reads it before they need it.
const ARCHITECTURE_LINES_MAX: usize = 300;

/// `ARCHITECTURE.md` can be read in one sitting.
pub(super) fn architecture(tree: &Tree) -> Vec<Finding> {
    let lines = tree.file("ARCHITECTURE.md").map_or(0, |text| text.lines().count());
    let why = format!("{lines} lines, at most {ARCHITECTURE_LINES_MAX}");
    let fix = "move detail to where it is used";
    let long = lines > ARCHITECTURE_LINES_MAX;
    long.then(|| Finding::new("ARCHITECTURE.md", ARCHITECTURE_LINES_MAX + 1, "architecture", why, fix))
        .into_iter()
        .collect()
}

/// `0001-some-name.md` to its number.
fn number_of(name: &str) -> Option<usize> {
    let (number, rest) = name.split_once('-')?;
    let slug = rest.strip_suffix(".md")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (number.len() == 4 && !slug.is_empty() && slug.chars().all(plain)).then(|| number.parse().ok())?
}

/// Decisions are `rfd/NNNN-name.md`, without gaps, and say at the top which they are.
pub(super) fn decisions(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut next = 1;
    for (path, text) in tree.below("rfd").filter(|(path, _)| *path != "rfd/README.md") {
        let mut say = |why: String, fix: &str| found.push(Finding::new(path, 1, "rfd", why, fix));
        let Some(number) = number_of(path.trim_start_matches("rfd/")) else {
            say("its name is not NNNN-name.md".to_owned(), "rename it");
            continue;
        };
        if number != next {
            say(
                format!("number {number:04} where {next:04} is next"),
                "number decisions in order, each once",
            );
        }
        next = number + 1;
        let title = format!("# RFD {number:04}: ");
        if !text.starts_with(&title) {
            say(format!("it does not begin with `{title}`"), "give it its title");
        }
    }
    found
}

/// What a note may be about.
const KINDS: &[&str] = &["New", "Changed", "Fixed", "Removed", "Security"];

/// Its sections, in this order; `release-notes/README.md` says what belongs in each.
const SECTIONS: &[&str] = &["## What changed", "## Why it matters", "## What to do"];

/// Notes are `release-notes/unreleased/NNNN-name.md` in the form that their README gives.
pub(super) fn release_notes(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.below("release-notes/unreleased") {
        let mut say = |why: String, fix: &str| found.push(Finding::new(path, 1, "release-note", why, fix));
        if number_of(path.trim_start_matches("release-notes/unreleased/")).is_none() {
            say("its name is not NNNN-name.md".to_owned(), "rename it");
        }
        let title = text.lines().next().unwrap_or_default();
        let kind = title.strip_prefix("# ").and_then(|title| title.split_once(": ")).map(|(kind, _)| kind);
        if !kind.is_some_and(|kind| KINDS.contains(&kind)) {
            say(
                format!("its title is not `# KIND: what`, with KIND one of {}", KINDS.join(", ")),
                "retitle it",
            );
        }
        let sections: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
        if sections != SECTIONS {
            say(format!("its sections are not {}", SECTIONS.join(", ")), "follow release-notes/README.md");
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn the_way_in_is_short() {
        check(architecture, &[("ARCHITECTURE.md", &"a\n".repeat(300))], &[]);
        check(architecture, &[("ARCHITECTURE.md", &"a\n".repeat(301))], &["ARCHITECTURE.md:301"]);
        check(architecture, &[], &[]);
    }

    #[test]
    fn decisions_are_numbered() {
        let one = ("rfd/0001-one.md", "# RFD 0001: One\n");
        check(
            decisions,
            &[one, ("rfd/0002-two.md", "# RFD 0002: Two\n"), ("rfd/README.md", "# RFDs\n")],
            &[],
        );
        check(decisions, &[one, ("rfd/0003-two.md", "# RFD 0003: Two\n")], &["rfd/0003-two.md:1"]);
        check(decisions, &[one, ("rfd/0002-two.md", "# Two\n")], &["rfd/0002-two.md:1"]);
        check(decisions, &[("rfd/two.md", "# Two\n")], &["rfd/two.md:1"]);
    }

    #[test]
    fn notes_have_one_form() {
        let path = "release-notes/unreleased/0001-a.md";
        let body = format!("\nText.\n{}\n", SECTIONS.join("\n\n"));
        check(release_notes, &[(path, &format!("# New: sagas\n{body}"))], &[]);
        check(
            release_notes,
            &[(path, &format!("# Sagas\n{body}"))],
            &["release-notes/unreleased/0001-a.md:1"],
        );
        check(release_notes, &[(path, "# New: sagas\n")], &["release-notes/unreleased/0001-a.md:1"]);
    }
}
