//! `ondol lint`: every mistake of a system file, in the manner of a compiler.

use std::io::Read as _;
use std::path::Path;

use ondol_spec::{Finding, Report, Severity};
use serde::Serialize;

use crate::args::Lint;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;
use crate::output::style::{BAD, CARE, paint};

/// Longest file that is read, in bytes. Lint itself has a smaller bound and names it; this one only protects memory.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// One finding as JSON. The names are those of the API's problems.
#[derive(Serialize)]
struct Found<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    severity: &'a str,
    code: &'a str,
    path: &'a str,
    message: &'a str,
    reason: &'a str,
    fix: &'a str,
}

/// Checks all files before it ends, whatever the first one holds and whether it can be read.
pub(crate) fn run(args: &Lint) -> Result<Exit, Error> {
    let (mut failed, mut unreadable) = (false, None);
    for path in &args.files {
        let source = match read(path) {
            Ok(source) => source,
            Err(error) => {
                // The last one is said by whoever says all errors.
                if let Some(before) = unreadable.replace(error) {
                    output::note(&before.render(""));
                }
                continue;
            }
        };
        let report = ondol_spec::lint(&source);
        failed |= report.has_errors();
        let name = path.display().to_string();
        let text = if args.json { json(&name, &report) } else { coloured(&report.render(&name, &source)) };
        output::print(&text)?;
    }
    match unreadable {
        Some(error) => Err(error),
        None => Ok(if failed { Exit::Failed } else { Exit::Done }),
    }
}

fn read(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(FILE_BYTES_MAX).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text))
    };
    match read {
        Ok(_) => Ok(text),
        Err(source) => Err(Error::File { doing: "read", path: path.to_owned(), source }),
    }
}

fn json(file: &str, report: &Report) -> String {
    let line = |finding: &Finding| {
        let line = Found {
            file,
            line: finding.at.line,
            column: finding.at.column,
            severity: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            code: finding.code.as_str(),
            path: &finding.path,
            message: &finding.message,
            reason: finding.reason,
            fix: &finding.fix,
        };
        serde_json::to_string(&line).expect("a finding is plain data") + "\n"
    };
    report.findings.iter().map(line).collect()
}

/// The severity is what the eye looks for.
fn coloured(text: &str) -> String {
    let line = |line: &str| {
        for (mark, style) in [(": error[", BAD), (": warning[", CARE)] {
            if let Some((place, rest)) = line.split_once(mark) {
                let word = mark.trim_start_matches(": ").trim_end_matches('[');
                return format!("{place}: {}[{rest}\n", paint(style, word));
            }
        }
        format!("{line}\n")
    };
    text.lines().map(line).collect()
}
