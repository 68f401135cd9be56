//! What became of many calls, in few words: the figures of a row.

use super::client::Failure;
use super::ledger::Acts;
use super::load::{Kind, Sample, message};
use std::collections::BTreeMap;
use std::time::Duration;

/// Calls that are looked at together.
#[derive(Debug)]
pub(super) struct Tally<'a>(Vec<&'a Sample>);

impl Sample {
    /// Did it come to what was asked?
    pub(super) fn good(&self) -> bool {
        let Ok(answer) = &self.result else { return false };
        // A call of gRPC that failed has its status in a header or, where the answer had begun, no message. Its trailers
        // do not reach a caller of HTTP/1.1 that they were not announced to.
        let done = match self.kind {
            Kind::Unary => {
                answer.body == message(self.id.as_bytes())
                    && answer.header("grpc-status").is_none_or(|status| status == "0")
            }
            Kind::Get | Kind::Post | Kind::Keyed => true,
        };
        answer.status == 200 && done
    }

    /// The header of its answer.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.result.as_ref().ok()?.header(name)
    }

    /// How it ended, in two words.
    pub(super) fn end(&self) -> String {
        match &self.result {
            Ok(answer) => {
                let more = ["ondol-code", "grpc-status"].iter().find_map(|name| answer.header(name));
                [Some(answer.status.to_string().as_str()), more]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" ")
            }
            Err(Failure::NoAnswer(error)) => format!("no answer ({})", error.kind()),
            Err(Failure::Cut(error)) => format!("an answer that was cut off ({})", error.kind()),
        }
    }

    /// Was it tried more than once? Known where it was sent with `ondol-explain`: each try's end begins with its address.
    pub(super) fn tried_again(&self) -> bool {
        let story = self.header("ondol-decisions").unwrap_or_default();
        story.split("; ").filter(|decision| decision.starts_with("http://")).count() > 1
    }
}

impl<'a> Tally<'a> {
    /// All of one kind.
    pub(super) fn of(samples: &'a [Sample], kind: Kind) -> Self {
        Self(samples.iter().filter(|sample| sample.kind == kind).collect())
    }

    pub(super) fn all(samples: &'a [Sample]) -> Self {
        Self(samples.iter().collect())
    }

    /// Those that were sent in a time.
    pub(super) fn sent(&self, when: std::ops::Range<Duration>) -> Self {
        Self(self.0.iter().copied().filter(|sample| when.contains(&sample.at)).collect())
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Those for which this holds.
    pub(super) fn with(&self, which: impl Fn(&Sample) -> bool) -> usize {
        self.0.iter().filter(|sample| which(sample)).count()
    }

    pub(super) fn failed(&self) -> usize {
        self.with(|sample| !sample.good())
    }

    /// How those that failed did.
    pub(super) fn failures(&self) -> String {
        let mut ends = BTreeMap::<String, usize>::new();
        for sample in self.0.iter().filter(|sample| !sample.good()) {
            *ends.entry(sample.end()).or_default() += 1;
        }
        let ends: Vec<_> = ends.iter().map(|(end, count)| format!("{count} × {end}")).collect();
        if ends.is_empty() { "0 failed".to_owned() } else { format!("failed: {}", ends.join(", ")) }
    }

    /// All that is to be said of calls that may meet a fault, where services have done this.
    pub(super) fn figures(&self, acts: &Acts) -> String {
        format!(
            "{}, {}; {} were tried again, {} acted upon twice, slowest {}",
            self.count(),
            self.failures(),
            self.with(Sample::tried_again),
            self.twice(acts),
            ms(self.slowest())
        )
    }

    /// How long the slowest took.
    pub(super) fn slowest(&self) -> Duration {
        self.0.iter().map(|sample| sample.took).max().unwrap_or_default()
    }

    /// How long the quickest took.
    pub(super) fn quickest(&self) -> Duration {
        self.0.iter().map(|sample| sample.took).min().unwrap_or_default()
    }

    /// How long the quickest and the slowest took.
    pub(super) fn range(&self) -> String {
        format!("{} to {}", self.quickest().as_millis(), ms(self.slowest()))
    }

    /// How long the one in the middle took.
    pub(super) fn median(&self) -> Duration {
        let mut all: Vec<_> = self.0.iter().map(|sample| sample.took).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or_default()
    }

    /// Those that a service acted upon more than once.
    pub(super) fn twice(&self, acts: &Acts) -> usize {
        self.with(|sample| acts.of(&sample.id) > 1)
    }
}

/// For people.
pub(super) fn ms(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

/// Within a fifth of what it should be?
pub(super) fn about(time: Duration, expected: Duration) -> bool {
    (expected * 4 / 5..=expected * 6 / 5).contains(&time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_more_or_less_is_about_the_same() {
        for (ms, expected) in [(799, false), (800, true), (1_000, true), (1_200, true), (1_201, false)] {
            assert_eq!(about(Duration::from_millis(ms), Duration::from_secs(1)), expected, "{ms}");
        }
    }
}
