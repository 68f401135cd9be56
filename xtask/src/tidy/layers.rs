//! Which crate may know which: the table of DESIGN §4, and what no dependency shows.

use super::Finding;
use super::manifest::Kind;
use super::source::{Source, is_test, words};
use super::tree::{Tree, line_of};

const RULE: &str = "layering";

/// A crate of ours, the crates of ours it may be built with, and the foreign ones it must never see.
struct Layer {
    name: &'static str,
    ours: &'static [&'static str],
    foreign: Foreign,
    /// What the absence buys.
    why: &'static str,
}

enum Foreign {
    /// None at all.
    Nothing,
    /// Nothing that does I/O.
    Pure,
    /// Not these.
    Without(&'static [&'static str]),
}

/// What does I/O, or is a runtime for it.
const IO: &[&str] = &[
    "tokio",
    "tokio-util",
    "hyper",
    "hyper-util",
    "h2",
    "axum",
    "tower-http",
    "tonic",
    "fjall",
    "rusqlite",
    "tokio-postgres",
    "socket2",
    "rustls",
    "tokio-rustls",
    "hickory-resolver",
    "rustix",
    "tempfile",
    "tracing-subscriber",
];

/// What speaks HTTP.
const HTTP: &[&str] =
    &["http", "http-body", "http-body-util", "hyper", "hyper-util", "h2", "axum", "tower-http", "tonic"];

const LAYERS: &[Layer] = &[
    Layer {
        name: "ondol-core",
        ours: &[],
        foreign: Foreign::Nothing,
        why: "the core is pure and has no dependency",
    },
    Layer {
        name: "ondol-spec",
        ours: &["ondol-core"],
        foreign: Foreign::Pure,
        why: "a system file is judged without I/O",
    },
    Layer {
        name: "ondol-advise",
        ours: &["ondol-core", "ondol-spec"],
        foreign: Foreign::Pure,
        why: "advice is a function of what was measured",
    },
    Layer {
        name: "ondol-deploy",
        ours: &["ondol-core", "ondol-spec"],
        foreign: Foreign::Pure,
        why: "a release is compiled to a plan; drivers live at the edge",
    },
    Layer {
        name: "ondol-store",
        ours: &["ondol-core"],
        foreign: Foreign::Without(HTTP),
        why: "a store keeps streams and speaks no protocol",
    },
    Layer {
        name: "ondol-call",
        ours: &[],
        foreign: Foreign::Without(&["fjall"]),
        why: "a caller neither writes the journal nor decides that a step is retried",
    },
    Layer {
        name: "ondol-telemetry",
        ours: &["ondol-core", "ondol-store"],
        foreign: Foreign::Without(&[]),
        why: "telemetry changes no saga",
    },
    Layer {
        name: "ondol-alert",
        ours: &["ondol-core", "ondol-store"],
        foreign: Foreign::Without(&[]),
        why: "an alert changes no saga",
    },
    Layer {
        name: "ondol-engine",
        ours: &["ondol-core", "ondol-spec", "ondol-store"],
        foreign: Foreign::Without(HTTP),
        why: "the engine parses no HTTP; the server wires a caller to it",
    },
    Layer {
        name: "ondol-server",
        ours: &[
            "ondol-core",
            "ondol-spec",
            "ondol-store",
            "ondol-call",
            "ondol-engine",
            "ondol-telemetry",
            "ondol-alert",
            "ondol-advise",
            "ondol-deploy",
        ],
        foreign: Foreign::Without(&[]),
        why: "the simulator is never shipped and the SDK is for callers",
    },
    Layer {
        name: "ondol",
        // `ondol exec` makes log records of lines, on the machine of the program, without a server.
        ours: &["ondol-server", "ondol-spec", "ondol-sdk", "ondol-telemetry"],
        foreign: Foreign::Without(&["fjall"]),
        why: "the binary has no logic; only the server wires the parts",
    },
    Layer {
        name: "ondol-sim",
        ours: &["ondol-core", "ondol-spec", "ondol-store", "ondol-engine"],
        foreign: Foreign::Without(HTTP),
        why: "the simulator replaces log, caller and clock and nothing else",
    },
    Layer {
        name: "ondol-sdk",
        ours: &[],
        foreign: Foreign::Without(&["fjall"]),
        why: "an SDK holds no saga logic",
    },
    Layer {
        name: "airline",
        ours: &["ondol-sdk"],
        foreign: Foreign::Without(&["fjall"]),
        why: "the example is a user like any other",
    },
    Layer {
        name: "ondol-bench",
        ours: &["ondol-call", "ondol-store"],
        foreign: Foreign::Without(&[]),
        why: "what is measured is a process, not a library",
    },
    Layer {
        name: "ondol-fuzz",
        ours: &["ondol-core", "ondol-spec", "ondol-store", "ondol-call"],
        foreign: Foreign::Without(&["tokio"]),
        why: "a fuzz target is a function of bytes",
    },
    Layer {
        name: "xtask",
        ours: &["airline"],
        foreign: Foreign::Without(&["tokio", "hyper", "axum", "fjall"]),
        why: "everybody builds it first",
    },
];

impl Layer {
    fn allows(&self, package: &str, ours: bool) -> bool {
        match (&self.foreign, ours) {
            (_, true) => self.ours.contains(&package),
            (Foreign::Nothing, false) => false,
            (Foreign::Pure, false) => !IO.contains(&package),
            (Foreign::Without(banned), false) => !banned.contains(&package),
        }
    }
}

/// Crates of ours that a crate may take behind a feature that is off by default.
const BEHIND_A_FEATURE: &[(&str, &str)] = &[
    // `torture`, never shipped, kills Ondol from inside.
    ("ondol", "ondol-engine"),
    // `calls` has the policy of calls, which must not be written down a second time. It is no saga logic, and a
    // service that only wants the barrier is not built with it.
    ("ondol-sdk", "ondol-call"),
];

/// Manifests name only what the table allows. Tests may use anything.
pub(super) fn dependencies(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for manifest in tree.manifests() {
        let Some(layer) = LAYERS.iter().find(|layer| layer.name == manifest.name) else {
            let why = format!("{} has no place in the layering", manifest.name);
            found.push(Finding::new(
                manifest.path,
                1,
                RULE,
                why,
                "give it one in xtask/src/tidy/layers.rs, as DESIGN §4 says",
            ));
            continue;
        };
        for dependency in &manifest.dependencies {
            let ours = LAYERS.iter().any(|layer| layer.name == dependency.package);
            let pair = (manifest.name.as_str(), dependency.package.as_str());
            let spared =
                dependency.kind == Kind::Dev || dependency.optional && BEHIND_A_FEATURE.contains(&pair);
            if !spared && !layer.allows(&dependency.package, ours) {
                let why =
                    format!("{} must not depend on {}: {}", manifest.name, dependency.package, layer.why);
                let fix = "move the code to the crate that may, or pass in what it needs";
                found.push(Finding::new(manifest.path, dependency.line, RULE, why, fix));
            }
        }
    }
    found
}

/// A folder whose shipped source never says these words.
struct Absence {
    folder: &'static str,
    words: &'static [&'static str],
    why: &'static str,
}

const STD_IO: &[&str] = &[
    "std::fs",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "std::env",
    "std::process",
    "std::io::stdin",
    "std::io::stdout",
    "SystemTime",
    "Instant",
];

const ABSENCES: &[Absence] = &[
    Absence {
        folder: "crates/ondol-core/src",
        words: &["std", "HashMap", "async"],
        why: "the core is no_std: no clock, I/O, async or hashing order",
    },
    Absence { folder: "crates/ondol-spec/src", words: STD_IO, why: "the file's text is an argument" },
    Absence { folder: "crates/ondol-advise/src", words: STD_IO, why: "what was measured is an argument" },
    Absence { folder: "crates/ondol-deploy/src", words: STD_IO, why: "drivers live at the edge" },
    Absence {
        folder: "crates/ondol-store/src/log",
        words: &["saga", "Saga", "ondol_core"],
        why: "a log keeps streams of bytes",
    },
    Absence {
        folder: "crates/ondol-store/src/journal",
        words: &["decide", "wanted", "allowed"],
        why: "a codec holds no rule",
    },
    Absence {
        folder: "crates/ondol-engine/src",
        words: &["StatusCode", "HeaderMap", "TcpStream", "TcpListener"],
        why: "the engine parses no HTTP",
    },
];

/// Source says nothing that its layer must not know, whether or not it could.
pub(super) fn sources(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for absence in ABSENCES {
        let rust = tree.ending(".rs").filter(|(path, _)| {
            path.strip_prefix(absence.folder).is_some_and(|rest| rest.starts_with('/')) && !is_test(path)
        });
        for (path, text) in rust {
            let shipped = with_groups_spelt_out(Source::parse(text).shipped);
            for word in absence.words {
                for at in words(&shipped, word) {
                    let why = format!("`{word}` in {}: {}", absence.folder, absence.why);
                    found.push(Finding::new(
                        path,
                        line_of(&shipped, at),
                        RULE,
                        why,
                        "move it to the layer that may say it",
                    ));
                }
            }
        }
    }
    found
}

/// `use std::{fs, net};` names `std::fs` too: appended to its line, so that lines stay what they are.
fn with_groups_spelt_out(shipped: String) -> String {
    if !shipped.contains("std::{") {
        return shipped;
    }
    let lines = shipped.lines().map(|line| match line.split_once("std::{") {
        None => line.to_owned(),
        Some((_, group)) => {
            let names =
                group.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|name| !name.is_empty());
            names.fold(line.to_owned(), |line, name| format!("{line} std::{name}"))
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn crates_know_only_what_is_below_them() {
        let crate_with = |name: &str, table: &str, dependency: &str| {
            format!("[package]\nname = \"{name}\"\n[{table}]\n{dependency}.workspace = true\n")
        };
        let cases = [
            ("ondol-core", "dependencies", "serde", false),
            ("ondol-core", "dev-dependencies", "proptest", true),
            ("ondol-spec", "dependencies", "ondol-core", true),
            ("ondol-spec", "dependencies", "cel", true),
            ("ondol-spec", "dependencies", "tokio", false),
            ("ondol-call", "dependencies", "ondol-store", false),
            ("ondol-call", "dependencies", "ondol-core", false),
            ("ondol-call", "dependencies", "hyper", true),
            ("ondol-engine", "dependencies", "ondol-call", false),
            ("ondol-engine", "dependencies", "axum", false),
            ("ondol-engine", "dev-dependencies", "axum", true),
            ("ondol-sdk", "dependencies", "ondol-core", false),
            ("ondol-sdk", "dependencies", "ondol-call", false),
            ("ondol-sdk", "dependencies.ondol-call]\noptional = true\n[lints", "x", true),
            ("ondol-server", "dependencies", "ondol-engine", true),
            ("ondol-server", "dependencies", "ondol-sim", false),
            ("ondol", "dependencies", "ondol-engine", false),
            ("ondol", "dependencies.ondol-engine]\noptional = true\n[lints", "x", true),
            ("ondol", "target.'cfg(unix)'.dependencies", "ondol-engine", false),
            ("stranger", "dependencies", "serde", false),
        ];
        for (name, table, dependency, allowed) in cases {
            let text = crate_with(name, table, dependency);
            let line = if name == "stranger" { 1 } else { 4 };
            let finding = format!("crates/x/Cargo.toml:{line}");
            let expected = if allowed { vec![] } else { vec![finding.as_str()] };
            check(dependencies, &[("crates/x/Cargo.toml", &text)], &expected);
        }
    }

    #[test]
    fn sources_do_not_name_what_they_must_not_know() {
        let cases: &[(&str, &str, &[usize])] = &[
            ("crates/ondol-spec/src/a.rs", "use std::fs;\n", &[1]),
            ("crates/ondol-spec/src/a.rs", "use std::{fmt, fs};\n", &[1]),
            ("crates/ondol-spec/src/a.rs", "use std::fmt; // not std::fs\n", &[]),
            ("crates/ondol-spec/src/tests.rs", "use std::fs;\n", &[]),
            ("crates/ondol-spec/src/a.rs", "\n#[cfg(test)]\nmod tests { use std::fs; }\n", &[]),
            ("crates/ondol-store/src/log/mod.rs", "//! A saga.\nfn f(saga: u8) {}\n", &[2]),
            ("crates/ondol-store/src/journal/mod.rs", "saga.decide(input)\n", &[1]),
            ("crates/ondol-store/src/journal/mod.rs", "fn f(saga: Saga) {}\n", &[]),
            ("crates/ondol-core/src/a.rs", "use alloc::vec::Vec;\n", &[]),
            ("crates/ondol-core/src/a.rs", "use std::vec::Vec;\n", &[1]),
        ];
        for (path, text, lines) in cases {
            let expected: Vec<String> = lines.iter().map(|line| format!("{path}:{line}")).collect();
            check(sources, &[(path, text)], &expected.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}
