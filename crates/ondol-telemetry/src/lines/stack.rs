//! Which lines belong to the record before them: stack traces of Java, Python, Go, Rust and JavaScript.

/// What the lines so far are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stack {
    /// No stack trace that has a form of its own. Lines that are indented belong to it all the same.
    #[default]
    None,
    /// Of the JVM, or of JavaScript: an exception, then frames that are indented.
    Java,
    /// Of Python, before its last line: `ValueError: …`.
    Python,
    /// Of Python, after it.
    PythonEnded,
    /// Of Go: a panic, then goroutines, whose functions are not indented.
    Go,
    /// Of Rust: the panic's message is on the next line.
    RustMessage,
    /// Of Rust, after its message.
    Rust,
}

impl Stack {
    /// What a record is that begins with this line.
    pub(super) fn begins(line: &str) -> Self {
        if line.starts_with("Traceback (most recent call last):") {
            Self::Python
        } else if ["panic: ", "fatal error: ", "goroutine "].iter().any(|start| line.starts_with(start)) {
            Self::Go
        } else if line.starts_with("thread '") && line.contains("panicked at") {
            if line.ends_with(':') { Self::RustMessage } else { Self::Rust }
        } else if line.starts_with("Exception in thread ") || is_exception(line) {
            Self::Java
        } else {
            Self::None
        }
    }

    /// Is it a failure by its form, whatever its first line says?
    pub(super) const fn is_failure(self) -> bool {
        !matches!(self, Self::None)
    }

    /// What the record is with this line, if the line belongs to it. `failed`: the record's first line says so. `indented`:
    /// the line before was. Lines that have a time or are JSON are not asked about.
    pub(super) fn takes(self, line: &str, failed: bool, indented: bool) -> Option<Self> {
        if line.starts_with([' ', '\t']) || is_closing(line) && indented {
            return Some(if self == Self::RustMessage { Self::Rust } else { self });
        }
        if ["Caused by:", "Suppressed:"].iter().any(|start| line.starts_with(start)) {
            return Some(if self == Self::None { Self::Java } else { self });
        }
        match self {
            // An exception is logged right below the line that says what failed.
            Self::None if failed => Some(Self::begins(line)).filter(|begun| begun.is_failure()),
            Self::None | Self::Java => None,
            Self::Python => {
                let ends = indented && is_named(line);
                ends.then_some(Self::PythonEnded)
            }
            Self::PythonEnded => {
                let again =
                    ["During handling of the above", "The above exception was", "Traceback (most recent"];
                again
                    .iter()
                    .any(|start| line.starts_with(start))
                    .then_some(if line.starts_with("Traceback") { Self::Python } else { Self::PythonEnded })
            }
            Self::Go => is_go(line).then_some(Self::Go),
            Self::RustMessage => Some(Self::Rust),
            Self::Rust => {
                let starts = ["stack backtrace:", "note: "];
                starts.iter().any(|start| line.starts_with(start)).then_some(Self::Rust)
            }
        }
    }
}

/// `java.lang.IllegalStateException: no seat`, `TypeError: x is undefined`.
fn is_exception(line: &str) -> bool {
    let name = line.split([':', ' ']).next().unwrap_or_default();
    let ends =
        ["Exception", "Error", "Throwable"].iter().any(|end| name.len() > end.len() && name.ends_with(end));
    ends && (name.len() == line.len() || line[name.len()..].starts_with(':')) && is_path(name)
}

/// `ValueError: no seat`, `app.Refused`: the last line of a Python trace.
fn is_named(line: &str) -> bool {
    is_path(line.split(':').next().unwrap_or_default())
}

fn is_path(name: &str) -> bool {
    let part = |part: char| part.is_alphanumeric() || matches!(part, '.' | '_' | '$' | '/');
    name.starts_with(|first: char| first.is_alphabetic() || first == '_') && name.chars().all(part)
}

/// The end of JSON or code that is spread over lines.
fn is_closing(line: &str) -> bool {
    line.starts_with(['}', ']', ')'])
}

fn is_go(line: &str) -> bool {
    let starts =
        ["goroutine ", "created by ", "exit status ", "[signal ", "runtime: ", "...additional frames"];
    let call = line.ends_with(')') && line.find('(').is_some_and(|at| !line[..at].contains(' '));
    call || starts.iter().any(|start| line.starts_with(start))
}
