//! The tables as a person reads them.

use super::contender::Who;
use super::idle::Idle;
use super::load::{Sample, Shown};
use super::verdict::{MIB, median};

/// One load: a heading, then a line for each proxy. CPU with the least and the most of the rounds, since a shared machine
/// is never quiet.
pub(super) fn load(shown: &Shown) -> Vec<String> {
    let open = shown.load.per_second.is_some();
    let added = if open { "    added ms" } else { "" };
    let mut lines =
        vec![format!("{:<8}  CPU µs a request   least–most  × nginx  requests/s  p50 ms  p99 ms{added}", "")];
    if open {
        lines.push(line("direct", &shown.direct, None, None));
    }
    for (who, samples) in &shown.proxies {
        lines.push(line(who.name(), samples, shown.ratio(*who), shown.added_ms(*who)));
    }
    lines
}

fn line(name: &str, samples: &[Sample], ratio: Option<f64>, added_ms: Option<f64>) -> String {
    let of = |get: fn(&Sample) -> f64| samples.iter().map(get);
    let cpu = |value: f64| if value > 0.0 { format!("{value:.1}") } else { "–".to_owned() };
    let (least, most) =
        (of(|s| s.cpu_us).fold(f64::INFINITY, f64::min), of(|s| s.cpu_us).fold(0.0, f64::max));
    let range = if most > 0.0 { format!("{least:.1}–{most:.1}") } else { String::new() };
    let ratio = ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
    let added = added_ms.map_or_else(String::new, |added| format!("{added:>12.2}"));
    format!(
        "{name:<8}  {:>16}  {range:>11}  {ratio:>7}  {:>10}  {:>6.2}  {:>6.2}{added}",
        cpu(median(of(|s| s.cpu_us))),
        grouped(median(of(|s| s.per_second))),
        median(of(|s| s.p50_us)) / 1e3,
        median(of(|s| s.p99_us)) / 1e3,
    )
}

/// Memory of each proxy.
pub(super) fn memory(idle: &[(Who, Idle)]) -> Vec<String> {
    let mut lines = vec![format!("{:<8}  MiB at first  with the connections  KiB each", "")];
    lines.extend(idle.iter().map(|(who, Idle { fresh, connected })| {
        let each = connected.saturating_sub(*fresh) as f64 / 1024.0 / super::idle::CONNECTIONS as f64;
        format!(
            "{:<8}  {:>12.1}  {:>20.1}  {each:>8.1}",
            who.name(),
            *fresh as f64 / MIB,
            *connected as f64 / MIB
        )
    }));
    lines
}

/// `12345.6` as `12,346`.
pub(super) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::super::load::LOADS;
    use super::*;

    #[test]
    fn columns_stand_under_their_names() {
        let sample = |cpu_us, p50_us| Sample { per_second: 2_000.4, cpu_us, p50_us, p99_us: 1_234.0 };
        let shown = Shown {
            load: LOADS[2],
            direct: vec![sample(0.0, 90.0)],
            proxies: vec![
                (Who::Nginx, vec![sample(10.0, 180.0), sample(12.0, 190.0), sample(11.0, 200.0)]),
                (Who::Ondol, vec![sample(15.0, 210.0), sample(15.0, 211.0), sample(15.0, 212.0)]),
            ],
        };
        let expected = [
            "          CPU µs a request   least–most  × nginx  requests/s  p50 ms  p99 ms    added ms",
            "direct                   –                     –       2,000    0.09    1.23",
            "nginx                 11.0    10.0–12.0     1.00       2,000    0.19    1.23        0.09",
            "ondol                 15.0    15.0–15.0     1.36       2,000    0.21    1.23        0.12",
        ];
        assert_eq!(load(&shown), expected);
    }

    #[test]
    fn thousands_are_grouped() {
        for (number, expected) in [(0.0, "0"), (999.4, "999"), (2_000.0, "2,000"), (1_234_567.0, "1,234,567")]
        {
            assert_eq!(grouped(number), expected);
        }
    }
}
