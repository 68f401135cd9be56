//! A cheap look at expression text before any parser sees it: where strings end, how deep brackets nest.

use crate::bounds::EXPRESSION_DEPTH_MAX;
use crate::finding::{Code, Fault};

/// Where the `}}` of a template is, in the text behind its `${{`. Braces and strings of the expression are skipped.
pub(crate) fn template_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut braces = 0_usize;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => {
                at = string_end(bytes, at)?;
                continue;
            }
            b'{' => braces += 1,
            b'}' if braces > 0 => braces -= 1,
            b'}' if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Just behind the string that begins with the quote at `at`: triple quotes, escapes and raw strings as CEL has them.
pub(crate) fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let quote = *bytes.get(at)?;
    let raw = at > 0 && matches!(bytes.get(at - 1), Some(b'r' | b'R'));
    let triple = bytes.get(at + 1) == Some(&quote) && bytes.get(at + 2) == Some(&quote);
    let width = if triple { 3 } else { 1 };
    let mut at = at + width;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'\\' && !raw {
            at += 2;
        } else if byte == quote && (!triple || bytes.get(at..at + 3).is_some_and(|q| q == [quote; 3])) {
            return Some(at + width);
        } else {
            at += 1;
        }
    }
    None
}

/// Refuses what would be too deep for the parser: brackets open at once, plus every ternary before them.
pub(crate) fn check_nesting(source: &str) -> Result<(), Fault> {
    let bytes = source.as_bytes();
    let (mut at, mut open, mut ternaries) = (0, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => {
                at = string_end(bytes, at).ok_or_else(|| {
                    Fault::new(
                        Code::BadExpression,
                        "a string in the expression is not closed",
                        "close the quote",
                    )
                })?;
                continue;
            }
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            b'?' => ternaries += 1,
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                let fix = "remove the comment, or put it into YAML";
                return Err(Fault::new(Code::BadExpression, "comments are not allowed in expressions", fix));
            }
            _ => {}
        }
        if open + ternaries > EXPRESSION_DEPTH_MAX {
            return Err(Fault::new(
                Code::ExpressionTooComplex,
                format!("the expression nests deeper than {EXPRESSION_DEPTH_MAX} brackets and ternaries"),
                "compute the value in a service, or split the expression",
            ));
        }
        at += 1;
    }
    Ok(())
}

/// Writes `steps.hold-seat` as `steps["hold-seat"]`, since CEL would read a subtraction.
pub(crate) fn quote_step_names(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = String::with_capacity(source.len() + 8);
    let (mut at, mut copied) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        if matches!(byte, b'"' | b'\'') {
            at = string_end(bytes, at).unwrap_or(bytes.len());
            continue;
        }
        let word_begins = at == 0 || !is_word(bytes[at - 1]) && bytes[at - 1] != b'.';
        let Some(rest) =
            source.get(at..).and_then(|rest| rest.strip_prefix("steps.")).filter(|_| word_begins)
        else {
            at += 1;
            continue;
        };
        let name = rest.bytes().take_while(|b| is_word(*b) || *b == b'-').count();
        let start = at + "steps".len();
        out.push_str(&source[copied..start]);
        out.push_str("[\"");
        out.push_str(&rest[..name]);
        out.push_str("\"]");
        at = start + 1 + name;
        copied = at;
    }
    out.push_str(&source[copied..]);
    out
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_ends_behind_strings_and_braces() {
        let check = |text: &str, inside: Option<&str>| {
            assert_eq!(template_end(text).map(|end| &text[..end]), inside, "{text}");
        };
        check(" input.a }} b", Some(" input.a "));
        check(" {'a': {'b': 1}} }}", Some(" {'a': {'b': 1}} "));
        check("{'a': {'b': 1}}}}", Some("{'a': {'b': 1}}"));
        check(" '}}' + \"\\\"}}\" }}", Some(" '}}' + \"\\\"}}\" "));
        check(" r'\\' }}", Some(" r'\\' "));
        check(" '''it's }}''' }}", Some(" '''it's }}''' "));
        check(" input.a }", None);
        check(" 'a }}", None);
        check(" é }}", Some(" é "));
    }

    #[test]
    fn names_of_steps_may_have_a_hyphen() {
        let check = |source: &str, quoted: &str| assert_eq!(quote_step_names(source), quoted);
        check("steps.hold-seat.output.a == 1", "steps[\"hold-seat\"].output.a == 1");
        check("1 - steps.a.output - steps.2b.output", "1 - steps[\"a\"].output - steps[\"2b\"].output");
        check("'steps.a' + input.steps.a + mysteps.b", "'steps.a' + input.steps.a + mysteps.b");
        check("é + steps.é", "é + steps[\"\"]é");
    }

    #[test]
    fn nesting_is_bounded_before_parsing() {
        let check = |source: &str, code: Option<Code>| {
            assert_eq!(check_nesting(source).err().map(|fault| fault.code), code, "{source}");
        };
        check("((((((((1))))))))", None);
        check("(((((((((1)))))))))", Some(Code::ExpressionTooComplex));
        check("a?b:a?b:a?b:a?b:a?b:a?b:a?b:a?b:c", None);
        check("a?b:a?b:a?b:a?b:a?b:a?b:a?b:a?b:a?b:c", Some(Code::ExpressionTooComplex));
        check("'((((((((((((((('", None);
        check("'((((", Some(Code::BadExpression));
        check("1 // ((", Some(Code::BadExpression));
    }
}
