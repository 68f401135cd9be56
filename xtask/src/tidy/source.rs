//! Rust source taken apart: code without comments, strings and tests, and comments alone.
//!
//! Both views have as many bytes and lines as the source, so that a place found in one is a place in the file. This
//! is a lexer, not a parser: it knows strings, characters, comments and braces.

/// What a byte of the source belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Code,
    Comment,
    Literal,
}

/// One Rust file.
pub(crate) struct Source {
    /// Comments and the insides of literals blanked.
    pub(crate) code: String,
    /// [`Source::code`] with the items behind `#[cfg(test)]` blanked too.
    pub(crate) shipped: String,
    /// Everything but comments blanked.
    pub(crate) comments: String,
}

impl Source {
    pub(crate) fn parse(text: &str) -> Self {
        let parts = parts(text.as_bytes());
        let view = |wanted: Part| blank(text, |at| parts[at] == wanted);
        let code = view(Part::Code);
        let shipped = without_tests(&code);
        Self { code, shipped, comments: view(Part::Comment) }
    }
}

/// Is the file one that only tests see?
pub(crate) fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("_tests.rs")
}

/// Every place, as a byte offset, where `word` stands alone in `text`.
pub(crate) fn words<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let bytes = text.as_bytes();
    let joins = |at: Option<&u8>| at.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let starts = word.starts_with(|c: char| c.is_ascii_alphanumeric());
    let ends = word.ends_with(|c: char| c.is_ascii_alphanumeric());
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        !(starts && joins(before) || ends && joins(bytes.get(at + word.len())))
    })
}

/// Keeps line ends and the bytes for which `keep` holds; multi-byte characters are kept or lost whole.
fn blank(text: &str, keep: impl Fn(usize) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if character == '\n' || keep(at) {
            out.push(character);
        } else {
            out.extend(std::iter::repeat_n(' ', character.len_utf8()));
        }
    }
    out
}

fn parts(bytes: &[u8]) -> Vec<Part> {
    let mut parts = vec![Part::Code; bytes.len()];
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (length, part) = if rest.starts_with(b"//") {
            (rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()), Part::Comment)
        } else if rest.starts_with(b"/*") {
            (block_comment(rest), Part::Comment)
        } else if let Some(length) = raw_string(bytes, at) {
            (length, Part::Literal)
        } else if rest[0] == b'"' {
            (quoted(rest, b'"'), Part::Literal)
        } else if rest[0] == b'\'' && is_character(rest) {
            (quoted(rest, b'\''), Part::Literal)
        } else {
            (1, Part::Code)
        };
        parts[at..at + length].fill(part);
        at += length;
    }
    parts
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The length of a raw string that begins here, `r` or `br` included.
fn raw_string(bytes: &[u8], at: usize) -> Option<usize> {
    let joined = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    let rest = &bytes[at..];
    let prefix = [b"br".as_slice(), b"cr", b"r"].into_iter().find(|prefix| rest.starts_with(prefix))?;
    let hashes = rest[prefix.len()..].iter().take_while(|byte| **byte == b'#').count();
    let open = prefix.len() + hashes;
    if joined || rest.get(open) != Some(&b'"') {
        return None;
    }
    let mut close = vec![b'"'];
    close.resize(1 + hashes, b'#');
    let inside = &rest[open + 1..];
    let end = inside.windows(close.len()).position(|window| window == close).unwrap_or(inside.len());
    Some((open + 1 + end + close.len()).min(rest.len()))
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// `'a'` and `'\n'` are characters, `'a` is a lifetime.
fn is_character(rest: &[u8]) -> bool {
    match rest.get(1) {
        Some(b'\\') => true,
        // Of any width in UTF-8: the closing quote is at most four bytes on.
        Some(first) => {
            let width = match first {
                0..0x80 => 1,
                0x80..0xe0 => 2,
                0xe0..0xf0 => 3,
                0xf0.. => 4,
            };
            rest.get(1 + width) == Some(&b'\'')
        }
        None => false,
    }
}

/// Blanks each item behind `#[cfg(test)]`: up to its closing brace, or its semicolon.
fn without_tests(code: &str) -> String {
    let bytes = code.as_bytes();
    let mut test = vec![false; bytes.len()];
    for (start, _) in code.match_indices("#[cfg(test)]") {
        let mut depth = 0_usize;
        let mut end = start + "#[cfg(test)]".len();
        while end < bytes.len() {
            match bytes[end] {
                b'{' | b'(' | b'[' => depth += 1,
                b'}' if depth <= 1 => break,
                b'}' | b')' | b']' => depth = depth.saturating_sub(1),
                b';' if depth == 0 => break,
                _ => {}
            }
            end += 1;
        }
        test[start..(end + 1).min(bytes.len())].fill(true);
    }
    blank(code, |at| !test[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_taken_apart() {
        let cases = [
            ("let a = 1; // no", "let a = 1;      "),
            ("a /* x /* y */ z */ b", "a                   b"),
            (r#"f("a // b", c)"#, "f(        , c)"),
            (r##"f(r#"a " b"#, c)"##, "f(          , c)"),
            (r"f('\'', b'x', 'a')", "f(    , b   ,    )"),
            ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
            ("'한', x", "     , x"),
            (r#""a\"b" c"#, "       c"),
            (r#"bar"x" c"#, "bar    c"),
        ];
        for (text, code) in cases {
            assert_eq!(Source::parse(text).code, code, "{text}");
        }
    }

    #[test]
    fn tests_are_not_shipped() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { x }\n}\nfn c() {}\n#[cfg(test)]\nuse d;\nfn e() {}";
        let shipped = Source::parse(text).shipped;
        for (word, there) in [("a", true), ("b", false), ("c", true), ("d", false), ("e", true)] {
            assert_eq!(words(&shipped, word).next().is_some(), there, "{word} in {shipped}");
        }
    }

    #[test]
    fn a_word_stands_alone() {
        let found: Vec<usize> = words("saga sagas _saga x.saga() saga_id", "saga").collect();
        assert_eq!(found, [0, 19]);
        assert_eq!(words("a.unwrap() b.unwrap_or()", ".unwrap()").count(), 1);
    }
}
