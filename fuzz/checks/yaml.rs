//! A system file from anywhere. What passes lint compiles, is stored and read back unchanged, and renders.

use std::fmt::Write as _;

/// Any bytes; those that are no UTF-8 are read as a text with replacement characters in it.
pub(crate) fn check(data: &[u8]) {
    let source = String::from_utf8_lossy(data);
    ondol_spec::fuzz::lint(source.as_bytes());
    let report = ondol_spec::lint(&source);
    let lines = source.split(['\n', '\r']).count();
    for finding in &report.findings {
        let mut shown = String::new();
        write!(shown, "{finding:?}").expect("writing to a string cannot fail");
        assert!(finding.at.line >= 1 && finding.at.column >= 1, "places are counted from 1: {shown}");
        assert!(finding.at.line as usize <= lines + 1, "the place is in the file: {shown}");
        assert!(!finding.message.is_empty() && !finding.fix.is_empty(), "it says what to do: {shown}");
    }
}
