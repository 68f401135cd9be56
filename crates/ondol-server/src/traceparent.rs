//! `traceparent` (W3C Trace Context, level 1).

use std::fmt;

/// What a `traceparent` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Traceparent {
    /// The trace; never zero.
    pub(crate) trace: u128,
    /// The span of whoever sent it; never zero.
    pub(crate) span: u64,
    /// The flags; bit 0: it is sampled.
    pub(crate) flags: u8,
}

/// Reads it; nothing where it is none.
pub(crate) fn read(text: &str) -> Option<Traceparent> {
    let mut parts = text.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    if !hex(version, 2) || version == "ff" || !hex(trace, 32) || !hex(span, 16) || !hex(flags, 2) {
        return None;
    }
    let trace = u128::from_str_radix(trace, 16).ok().filter(|trace| *trace != 0)?;
    let span = u64::from_str_radix(span, 16).ok().filter(|span| *span != 0)?;
    Some(Traceparent { trace, span, flags: u8::from_str_radix(flags, 16).ok()? })
}

impl Traceparent {
    /// Does whoever sent it keep its spans?
    pub(crate) const fn sampled(self) -> bool {
        self.flags & 1 == 1
    }
}

impl fmt::Display for Traceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, self.flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_continued_only_if_it_is_one() {
        let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let read_back = read(valid).expect("valid");
        assert_eq!(read_back.to_string(), valid);
        assert!(read_back.sampled());
        #[rustfmt::skip]
        let table = [
            (valid,                                                       true),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x", true),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01",   false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",   false),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",   false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",      false),
            ("00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",   false),
            ("",                                                          false),
        ];
        for (text, expected) in table {
            assert_eq!(read(text).is_some(), expected, "{text}");
        }
    }
}
