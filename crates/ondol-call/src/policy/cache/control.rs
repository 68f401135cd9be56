//! Headers that are lists of words, `Cache-Control` above all (RFC 9111 §5.2).

use http::{HeaderMap, HeaderName, header};

/// The words of a header, in all its lines, in lower case and without the spaces around `=`. A quoted comma does not
/// matter here: what it cuts in two, such as `no-cache="a, b"`, still begins with its word.
pub(super) fn words(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = String> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    let words = lines.flat_map(|line| line.split(','));
    words.map(|word| word.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase())
}

/// Whether `Cache-Control` has `word`, with or without an argument of its own.
pub(super) fn says(headers: &HeaderMap, word: &str) -> bool {
    words(headers, header::CACHE_CONTROL).any(|found| {
        let rest = found.strip_prefix(word);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    })
}

/// The seconds that `Cache-Control` gives for `word`. Given twice, or not as digits, it is as good as stale (§4.2.1).
pub(super) fn seconds(headers: &HeaderMap, word: &str) -> Option<u64> {
    let mut found = words(headers, header::CACHE_CONTROL)
        .filter_map(|found| Some(found.strip_prefix(word)?.strip_prefix('=')?.to_owned()));
    let text = found.next()?;
    let digits = text.trim_matches('"');
    let well_formed = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !well_formed || found.next().is_some() {
        return Some(0);
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}
