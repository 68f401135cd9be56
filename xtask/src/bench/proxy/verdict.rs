//! What the samples say, and whether it is what we aim at.

use super::contender::Who;
use super::idle::{CONNECTIONS, Idle};
use super::load::{Sample, Shown};
use super::table::grouped;

/// CPU a request, beside nginx's in the same round. nginx passes on; Ondol also balances by latency, counts a budget, keeps
/// breakers and limits what is in flight. Half as much again is what that may cost.
const CPU_RATIO_MAX: f64 = 1.5;

/// Added at the median: small beside the fastest calls between services, which take about a millisecond.
const ADDED_MS_MAX: f64 = 0.35;

/// Resident with [`CONNECTIONS`] idle: a proxy beside every service must not cost as much as the service.
const RESIDENT_MIB_MAX: f64 = 25.0;

/// Bytes of a MiB.
pub(super) const MIB: f64 = 1_048_576.0;

/// The one in the middle, the upper of two; 0 of none.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

impl Shown {
    pub(super) fn of(&self, who: Who) -> Option<&[Sample]> {
        self.proxies.iter().find(|(one, _)| *one == who).map(|(_, samples)| samples.as_slice())
    }

    /// CPU a request as a multiple of nginx's, round by round, since the machine's speed drifts; the median.
    pub(super) fn ratio(&self, who: Who) -> Option<f64> {
        let pairs = self.of(who)?.iter().zip(self.of(Who::Nginx)?);
        Some(median(pairs.map(|(own, nginx)| own.cpu_us / nginx.cpu_us)))
    }

    /// What the median latency is above that without a proxy, round by round, in milliseconds; the median.
    pub(super) fn added_ms(&self, who: Who) -> Option<f64> {
        let pairs = self.of(who)?.iter().zip(&self.direct);
        (!self.direct.is_empty()).then(|| median(pairs.map(|(own, direct)| own.p50_us - direct.p50_us)) / 1e3)
    }
}

/// To the digits that are shown: what is judged is what the reader sees.
fn shown_digits(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// What is aimed at, and whether it is reached. Without nginx no ratio is judged.
pub(super) fn checks(shown: &[Shown], idle: Option<Idle>) -> Vec<(bool, String)> {
    let mut checks = Vec::new();
    for shown in shown {
        if let Some(ratio) = shown.ratio(Who::Ondol).map(shown_digits) {
            let text = format!("{}: {ratio:.2} × nginx's CPU, at most {CPU_RATIO_MAX}", shown.load.name);
            checks.push((ratio <= CPU_RATIO_MAX, text));
        }
    }
    for shown in shown {
        if let Some(added) = shown.added_ms(Who::Ondol).map(shown_digits) {
            let text =
                format!("{}: {added:.2} ms added at the median, at most {ADDED_MS_MAX} ms", shown.load.name);
            checks.push((added <= ADDED_MS_MAX, text));
        }
    }
    checks.extend(idle.map(|Idle { connected, .. }| {
        let (resident, connections) = (shown_digits(connected as f64 / MIB), grouped(CONNECTIONS as f64));
        let text = format!(
            "{resident:.2} MiB resident with {connections} idle connections, at most {RESIDENT_MIB_MAX} MiB"
        );
        (resident <= RESIDENT_MIB_MAX, text)
    }));
    checks
}

#[cfg(test)]
mod tests {
    use super::super::load::LOADS;
    use super::*;

    /// CPU and median latency of one round, in microseconds.
    type Round = (f64, f64);

    fn samples(of: &[Round]) -> Vec<Sample> {
        of.iter()
            .map(|(cpu_us, p50_us)| Sample { cpu_us: *cpu_us, p50_us: *p50_us, ..<_>::default() })
            .collect()
    }

    #[test]
    fn pairs_of_one_round_are_compared() {
        // The machine is twice as slow in the second round, and nobody is to blame.
        let nginx = (Who::Nginx, samples(&[(10.0, 200.0), (20.0, 400.0), (10.0, 200.0)]));
        let cases: &[(&[Round], [bool; 3])] = &[
            (&[(15.0, 300.0), (30.0, 600.0), (15.0, 300.0)], [true, true, true]),
            (&[(15.1, 300.0), (30.2, 600.0), (15.0, 300.0)], [false, true, true]),
            (&[(15.04, 300.0), (30.08, 600.0), (15.0, 300.0)], [true, true, true]),
            (&[(15.0, 456.0), (30.0, 556.0), (15.0, 300.0)], [true, false, true]),
        ];
        for (ondol, expected) in cases {
            let shown = Shown {
                load: LOADS[2],
                direct: samples(&[(0.0, 100.0), (0.0, 200.0), (0.0, 100.0)]),
                proxies: vec![nginx.clone(), (Who::Ondol, samples(ondol))],
            };
            let idle = Idle { fresh: 0, connected: 25 << 20 };
            let held: Vec<bool> = checks(&[shown], Some(idle)).into_iter().map(|(held, _)| held).collect();
            assert_eq!(held, expected, "{ondol:?}");
        }
    }

    #[test]
    fn what_was_left_out_is_not_judged() {
        let shown = Shown {
            load: LOADS[0],
            direct: Vec::new(),
            proxies: vec![(Who::Ondol, samples(&[(15.0, 300.0)]))],
        };
        assert!(checks(&[shown], None).is_empty());
    }
}
