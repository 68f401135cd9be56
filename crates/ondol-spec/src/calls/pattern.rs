//! Which calls an operation means: `GET /quotes/*`.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;

/// Stands for any method, or for one segment.
pub(crate) const ANY: &str = "*";
/// Stands for the rest of a path.
pub(crate) const REST: &str = "**";

/// A method and a path: `*` is any method, `*` one segment, `**` at the end the rest, which may be nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: Box<str>,
    method: Option<Box<str>>,
    segments: Vec<Segment>,
    /// Does it end with `**`?
    open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// Percent-decoded.
    Exactly(Box<[u8]>),
    /// One segment that is not empty.
    Any,
}

impl Pattern {
    /// `path` begins with `/`, and `**` stands at its end only; lint has seen to that.
    pub(crate) fn new(method: &str, path: &str) -> Self {
        let text = format!("{method} {path}").into();
        let method = (method != ANY).then(|| method.into());
        let path = path.strip_prefix('/').unwrap_or(path);
        let (path, open) = match path.strip_suffix(REST) {
            Some("") => (None, true),
            Some(before) => (Some(before.strip_suffix('/').unwrap_or(before)), true),
            None => (Some(path), false),
        };
        let segment = |text: &str| match text {
            ANY => Segment::Any,
            text => Segment::Exactly(decoded(text).into()),
        };
        let segments = path.into_iter().flat_map(|path| path.split('/')).map(segment).collect();
        Self { text, method, segments, open }
    }

    /// The method; `None` is any.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        self.method.as_deref()
    }

    /// Does a call match? `path` begins with `/`; a query behind it is not looked at. Methods are compared as they are
    /// written (RFC 9110 §9.1), segments after percent-decoding, so that `/%61` is `/a` and an encoded slash divides
    /// nothing. Paths are **not** normalized: `..` and `//` are segments like others.
    #[must_use]
    pub fn matches(&self, method: &str, path: &str) -> bool {
        if self.method.as_deref().is_some_and(|own| own != method) {
            return false;
        }
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let Some(path) = path.strip_prefix('/') else { return false };
        let mut given = path.split('/');
        let begins =
            self.segments.iter().all(|segment| given.next().is_some_and(|text| segment.matches(text)));
        begins && (self.open || given.next().is_none())
    }

    /// Does this match every call that `other` matches?
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let methods = self.method.is_none() || self.method == other.method;
        let begins = self.segments.len() <= other.segments.len()
            && self.segments.iter().zip(&other.segments).all(|(own, other)| own.covers(other));
        let ends = self.open || (!other.open && self.segments.len() == other.segments.len());
        methods && begins && ends
    }
}

impl Segment {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => !text.is_empty(),
            Self::Exactly(own) => **own == *decoded(text),
        }
    }

    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, Self::Any) => true,
            (Self::Any, Self::Exactly(text)) => !text.is_empty(),
            (Self::Exactly(own), Self::Exactly(other)) => own == other,
            (Self::Exactly(_), Self::Any) => false,
        }
    }
}

/// As it is written in the file.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn decoded(text: &str) -> Cow<'_, [u8]> {
    percent_decode_str(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(line: &str) -> Pattern {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        Pattern::new(method, path)
    }

    #[test]
    fn a_pattern_matches_whole_segments() {
        #[rustfmt::skip]
        let table: [(&str, &str, bool); 26] = [
            ("GET /quotes",      "GET /quotes",        true),
            ("GET /quotes",      "GET /quotes?a=/b",   true),
            ("GET /quotes",      "POST /quotes",       false),
            ("GET /quotes",      "get /quotes",        false),
            ("GET /quotes",      "GET /quotes/",       false),
            ("GET /quotes",      "GET /quotes/a",      false),
            ("GET /quotes",      "GET quotes",         false),
            ("GET /quotes/*",    "GET /quotes/a",      true),
            ("GET /quotes/*",    "GET /quotes/",       false),
            ("GET /quotes/*",    "GET /quotes",        false),
            ("GET /quotes/*",    "GET /quotes/a/b",    false),
            ("GET /*/price",     "GET /a/price",       true),
            ("GET /*/price",     "GET /a/b/price",     false),
            ("GET /quotes/**",   "GET /quotes",        true),
            ("GET /quotes/**",   "GET /quotes/",       true),
            ("GET /quotes/**",   "GET /quotes/a/b",    true),
            ("GET /quotes/**",   "GET /quotesx",       false),
            ("* /**",            "DELETE /",           true),
            ("* /**",            "DELETE /a/b?c",      true),
            ("* /",              "PUT /",              true),
            ("* /",              "PUT /a",             false),
            ("GET /a%2Fb",       "GET /a%2fb",         true),
            ("GET /a%2Fb",       "GET /a/b",           false),
            ("GET /a",           "GET /%61",           true),
            ("GET /%2A",         "GET /b",             false),
            ("GET /%2A",         "GET /*",             true),
        ];
        for (own, call, fine) in table {
            let (method, path) = call.split_once(' ').expect("a method and a path");
            assert_eq!(pattern(own).matches(method, path), fine, "{own} and {call}");
        }
    }

    #[test]
    fn a_pattern_covers_another() {
        #[rustfmt::skip]
        let table: [(&str, &str, bool); 15] = [
            ("GET /a",     "GET /a",     true),
            ("* /a",       "GET /a",     true),
            ("GET /a",     "* /a",       false),
            ("GET /*",     "GET /a",     true),
            ("GET /a",     "GET /*",     false),
            ("GET /*",     "GET /",      false),
            ("GET /*",     "GET /a/b",   false),
            ("GET /**",    "GET /a/b",   true),
            ("GET /**",    "GET /",      true),
            ("GET /a/**",  "GET /a",     true),
            ("GET /a/**",  "GET /a/*/b", true),
            ("GET /a/**",  "GET /**",    false),
            ("GET /a",     "GET /a/**",  false),
            ("GET /%61",   "GET /a",     true),
            ("GET /*/**",  "GET /a/**",  true),
        ];
        for (own, other, fine) in table {
            assert_eq!(pattern(own).covers(&pattern(other)), fine, "{own} and {other}");
        }
    }

    #[test]
    fn a_pattern_is_shown_as_it_is_written() {
        for line in ["GET /quotes/*", "* /**", "* /", "PUT /a%2Fb/**", "GET /a/", "GET /%2A"] {
            assert_eq!(pattern(line).to_string(), line);
        }
    }
}
