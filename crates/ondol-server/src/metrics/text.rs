//! The Prometheus text format 0.0.4, written by hand: one family after the other, label values escaped.

use std::fmt::{Display, Write as _};

/// A page of metrics.
#[derive(Debug, Default)]
pub(super) struct Text(String);

/// What a family counts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Only rises; its name ends in `_total`.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Only rises: how many were no larger than each bound, their sum and their number.
    Histogram,
}

impl Text {
    /// Begins a family. Its samples follow directly.
    pub(super) fn family(&mut self, name: &str, kind: Kind, help: &str) -> Family<'_> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let text = &mut self.0;
        writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
            .expect("writing to a string cannot fail");
        Family { text, name: name.to_owned() }
    }

    /// A family of one sample without labels.
    pub(super) fn single(&mut self, name: &str, kind: Kind, help: &str, value: u64) {
        self.family(name, kind, help).sample(&[], value);
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// A family whose samples are being written.
pub(super) struct Family<'a> {
    text: &'a mut String,
    name: String,
}

impl Family<'_> {
    /// One sample.
    pub(super) fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.line("", labels, value);
    }

    /// The samples of one histogram. `buckets` are upper bounds, as they are written, and how many were no larger, in
    /// rising order; the bucket of all is added.
    pub(super) fn histogram<'b>(
        &mut self,
        labels: &[(&str, &str)],
        buckets: impl Iterator<Item = (&'b str, u64)>,
        sum: impl Display,
        count: u64,
    ) {
        for (bound, within) in buckets.chain([("+Inf", count)]) {
            self.line("_bucket", &[labels, &[("le", bound)]].concat(), within);
        }
        self.line("_sum", labels, sum);
        self.line("_count", labels, count);
    }

    fn line(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(&self.name);
        self.text.push_str(suffix);
        for (at, (label, text)) in labels.iter().enumerate() {
            self.text.push(if at == 0 { '{' } else { ',' });
            self.text.push_str(label);
            self.text.push_str("=\"");
            for c in text.chars() {
                match c {
                    '\\' => self.text.push_str("\\\\"),
                    '"' => self.text.push_str("\\\""),
                    '\n' => self.text.push_str("\\n"),
                    c => self.text.push(c),
                }
            }
            self.text.push('"');
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        writeln!(self.text, " {value}").expect("writing to a string cannot fail");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped() {
        let mut text = Text::default();
        let mut family = text.family("ondol_tests_total", Kind::Counter, "Tests.");
        family.sample(&[], 1);
        family.sample(&[("a", "x\"y\\z\n"), ("b", "")], 2);
        assert_eq!(
            text.finish(),
            "# HELP ondol_tests_total Tests.\n# TYPE ondol_tests_total counter\nondol_tests_total 1\n\
             ondol_tests_total{a=\"x\\\"y\\\\z\\n\",b=\"\"} 2\n"
        );
    }

    #[test]
    fn a_histogram_ends_with_the_bucket_of_all() {
        let mut text = Text::default();
        let mut family = text.family("ondol_tests_seconds", Kind::Histogram, "Tests.");
        family.histogram(&[("a", "x")], [("0.001", 1), ("10", 3)].into_iter(), 12.5, 4);
        assert_eq!(
            text.finish(),
            "# HELP ondol_tests_seconds Tests.\n# TYPE ondol_tests_seconds histogram\n\
             ondol_tests_seconds_bucket{a=\"x\",le=\"0.001\"} 1\n\
             ondol_tests_seconds_bucket{a=\"x\",le=\"10\"} 3\n\
             ondol_tests_seconds_bucket{a=\"x\",le=\"+Inf\"} 4\n\
             ondol_tests_seconds_sum{a=\"x\"} 12.5\nondol_tests_seconds_count{a=\"x\"} 4\n"
        );
    }
}
