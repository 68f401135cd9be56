//! What never stands on main.

use super::Finding;
use super::source::{Source, is_test, words};
use super::tree::{Tree, line_of};

const RULE: &str = "banned";

/// A word, where it is banned, and what to write instead.
struct Ban {
    word: &'static str,
    tests_too: bool,
    why: &'static str,
    fix: &'static str,
}

const BANS: &[Ban] = &[
    Ban {
        word: ".unwrap()",
        tests_too: false,
        why: "it does not say why it cannot fail",
        fix: "return the error, or name the invariant with `expect`",
    },
    Ban {
        word: "unsafe",
        tests_too: true,
        why: "the compiler no longer checks",
        fix: "use a crate that owns it, such as rustix",
    },
    Ban {
        word: "#[allow(",
        tests_too: true,
        why: "it outlives its cause",
        fix: "use `#[expect(…, reason = \"…\")]`",
    },
    Ban {
        word: "#![allow(",
        tests_too: true,
        why: "it outlives its cause",
        fix: "use `#![expect(…, reason = \"…\")]`",
    },
    Ban {
        word: "todo!",
        tests_too: true,
        why: "it is not finished",
        fix: "finish it, or leave it out and say so",
    },
    Ban {
        word: "unimplemented!",
        tests_too: true,
        why: "it is not finished",
        fix: "finish it, or leave it out and say so",
    },
    Ban { word: "dbg!", tests_too: true, why: "it is a note to yourself", fix: "remove it, or use tracing" },
];

/// Rust code without the banned words.
pub(super) fn code(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.ending(".rs") {
        let source = Source::parse(text);
        for ban in BANS.iter().filter(|ban| ban.tests_too || !is_test(path)) {
            let view = if ban.tests_too { &source.code } else { &source.shipped };
            for at in words(view, ban.word) {
                let why = format!("`{}`: {}", ban.word, ban.why);
                found.push(Finding::new(path, line_of(text, at), RULE, why, ban.fix));
            }
        }
    }
    found
}

/// Notes to oneself.
const NOTES: &[&str] = &["TODO", "FIXME", "XXX"];

/// Comments without notes to oneself.
pub(super) fn comments(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut look = |path: &str, text: &str| {
        for note in NOTES {
            for at in words(text, note) {
                let why = format!("`{note}`: main has no unfinished thoughts");
                found.push(Finding::new(path, line_of(text, at), RULE, why, "do it, or open an issue"));
            }
        }
    };
    for (path, text) in tree.ending(".rs") {
        look(path, &Source::parse(text).comments);
    }
    for ending in [".toml", ".yaml", ".proto"] {
        tree.ending(ending).for_each(|(path, text)| look(path, text));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn banned_code_is_found() {
        let cases: &[(&str, &str, bool)] = &[
            ("a/src/x.rs", "x.unwrap()", false),
            ("a/src/x.rs", "x.unwrap_or(1)", true),
            ("a/src/x.rs", "\"x.unwrap()\" // .unwrap()", true),
            ("a/tests/x.rs", "x.unwrap()", true),
            ("a/tests/x.rs", "#[allow(dead_code)]", false),
            ("a/src/x.rs", "#[expect(dead_code, reason = \"x\")]", true),
            ("a/src/x.rs", "unsafe { x }", false),
            ("a/src/x.rs", "unsafe_code", true),
            ("a/src/x.rs", "todo!()", false),
            ("a/tests/x.rs", "dbg!(x)", false),
        ];
        for (path, text, fine) in cases {
            let finding = format!("{path}:1");
            check(
                code,
                &[(path, text)],
                if *fine { &[] } else { std::slice::from_ref(&finding) }
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .as_slice(),
            );
        }
    }

    #[test]
    fn notes_are_found_in_comments_only() {
        check(comments, &[("a/src/x.rs", "\n// TODO: more\n")], &["a/src/x.rs:2"]);
        check(comments, &[("a/src/x.rs", "let x = \"TODO\";")], &[]);
        check(comments, &[("a.toml", "a = 1 # FIXME")], &["a.toml:1"]);
    }
}
