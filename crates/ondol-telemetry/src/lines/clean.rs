//! Bytes as text: UTF-8, and no colours.

const ESCAPE: char = '\u{1b}';
const BELL: char = '\u{7}';

/// Text of a line, and how many sequences of it were no UTF-8. The end of the line is taken off.
pub(super) fn text(line: &[u8]) -> (String, u64) {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (mut text, mut replaced) = (String::with_capacity(line.len()), 0);
    for chunk in line.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            replaced += 1;
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    (colourless(text), replaced)
}

/// Takes out what a terminal understands as a command (ECMA-48): colours, links, titles.
pub(super) fn colourless(text: String) -> String {
    if !text.contains(ESCAPE) {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, command)) = rest.split_once(ESCAPE) {
        plain.push_str(before);
        rest = after(command);
    }
    plain.push_str(rest);
    plain
}

/// What follows a command whose escape has been read.
fn after(command: &str) -> &str {
    let mut characters = command.chars();
    match characters.next() {
        Some('[') => {
            let inside = characters.as_str();
            let end = inside.find(|part: char| !(' '..='?').contains(&part));
            let Some(end) = end else { return "" };
            let last = inside[end..].chars().next().filter(|last| ('@'..='~').contains(last));
            &inside[end + last.map_or(0, char::len_utf8)..]
        }
        Some(']') => {
            let inside = characters.as_str();
            match inside.find([BELL, ESCAPE]) {
                Some(end) => inside[end..].strip_prefix(BELL).unwrap_or_else(|| {
                    let escaped = &inside[end + ESCAPE.len_utf8()..];
                    escaped.strip_prefix('\\').unwrap_or(escaped)
                }),
                None => inside,
            }
        }
        Some(_) => characters.as_str(),
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_text() {
        let cases: [(&[u8], &str, u64); 9] = [
            (b"plain\r\n", "plain", 0),
            (b"a\xffb\xf0\x9fc", "a\u{fffd}b\u{fffd}c", 2),
            (b"\x1b[1;31mERROR\x1b[0m no", "ERROR no", 0),
            (b"\x1b]8;;http://x\x07link\x1b]8;;\x1b\\ on", "link on", 0),
            (b"\x1b]never closed", "never closed", 0),
            (b"half \x1b[1", "half ", 0),
            (b"\x1b", "", 0),
            (b"\x1bMup", "up", 0),
            ("결제\x1b[0m 실패".as_bytes(), "결제 실패", 0),
        ];
        for (bytes, expected, replaced) in cases {
            assert_eq!(text(bytes), (expected.to_owned(), replaced), "{bytes:?}");
        }
    }
}
