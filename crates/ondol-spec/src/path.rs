//! Paths as RFC 3986 §3.3 has them: absolute, without a query, without `.` and `..`.

use crate::finding::{Code, Fault, quoted};

/// Is it a path? `shape` is the path with a letter in place of each expression, `source` what is shown, and `no_query` what
/// to do about a query.
pub(crate) fn check(source: &str, shape: &str, no_query: &str) -> Result<(), Fault> {
    let bad = |what: &str, fix: &str| {
        let message = format!("the path {} {what}", quoted(source));
        Err(Fault::new(Code::BadPath, message, fix).pointing_at(source))
    };
    if !shape.starts_with('/') {
        return bad("does not begin with /", "begin it with /");
    }
    if let Some(c) = shape.chars().find(|c| !is_path_char(*c)) {
        let fix = match c {
            '?' => no_query,
            '#' => "remove what follows the `#`; it is never sent",
            _ => "percent-encode it (a space is %20)",
        };
        return bad(&format!("has {c:?} in it"), fix);
    }
    let encodes =
        |rest: &str| rest.as_bytes().get(..2).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
    if !shape.split('%').skip(1).all(encodes) {
        return bad("has a % that encodes nothing", "write %25 for a percent sign");
    }
    if shape.split('/').any(|segment| matches!(segment, "." | "..")) || shape.contains("//") {
        return bad("has a segment that is empty, `.` or `..`", "remove that segment");
    }
    Ok(())
}

fn is_path_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/-._~%!$&'()*+,;=:@".contains(c)
}
