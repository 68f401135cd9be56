//! What must hold of the looks that were taken: at most one probe while the target is away, and a ramp when it is back.

use super::look::Look;
use std::time::Duration;

/// After a kill: calls that were on their way come back and the target is known to be away.
pub(super) const NOTICED_AFTER: Duration = Duration::from_secs(2);

/// Calls that may be on their way when the first probe was answered, before any other answer: the engine's ramp begins
/// with two.
const RAMP_FROM: u64 = 2;

/// Probes there may be of one target, a second: the pauses between them grow from 100 ms to 2 s.
const PROBES_A_SECOND_MAX: u64 = 1;

/// What must hold while the target is away. `looks`: from [`NOTICED_AFTER`] to the return.
pub(super) fn away(looks: &[Look]) -> Vec<(bool, String)> {
    let (Some(first), Some(last)) = (looks.first(), looks.last()) else {
        return vec![(false, "nobody looked while it was away".to_owned())];
    };
    let most = |of: fn(&Look) -> u64| looks.iter().map(of).max().unwrap_or_default();
    let down = looks.iter().filter(|look| !look.up && !look.reason.is_empty()).count();
    let probes = last.not_sent - first.not_sent;
    let seconds = last.at.saturating_sub(first.at).as_secs();
    let leap = looks.windows(2).map(|pair| pair[1].not_sent - pair[0].not_sent).max().unwrap_or_default();
    let (let_go, in_hand, knocking) =
        (most(|look| look.let_go), most(|look| look.in_hand), most(|look| look.knocking));
    vec![
        (
            down == looks.len(),
            format!("/v1/status said in {down} of {} looks that it is away, and why", looks.len()),
        ),
        (
            most(Look::on_their_way) <= 1,
            format!(
                "never more than one probe: at most {let_go} by the engine, {in_hand} by the caller, {knocking} by the kernel's sockets"
            ),
        ),
        (leap <= 1, format!("never more than {leap} probe came back between two looks")),
        (
            probes > 0 && probes <= seconds * PROBES_A_SECOND_MAX,
            format!(
                "{probes} probes in {seconds} s, while {} calls waited in the end; {} of them undo",
                last.waiting, last.undoing
            ),
        ),
        (last.reached == first.reached, "no call reached it".to_owned()),
    ]
}

/// What must hold from the return on. `before`: the last look while it was away; `looks`: since its return.
pub(super) fn back(before: &Look, looks: &[Look]) -> Vec<(bool, String)> {
    let window = |look: &Look| RAMP_FROM + (look.reached - before.reached);
    let beyond = looks.iter().filter(|look| look.let_go > window(look)).count();
    let most = looks.iter().map(|look| look.let_go).max().unwrap_or_default();
    let first = looks.iter().find(|look| look.up).map_or(0, |look| look.let_go);
    let drained = looks.iter().find(|look| look.waiting == 0 && look.up);
    let took = drained.map(|look| look.at.saturating_sub(before.at));
    vec![
        (
            beyond == 0,
            format!(
                "in {} looks never more calls were on their way than {RAMP_FROM} and one for each answer",
                looks.len()
            ),
        ),
        (
            first < before.waiting && most < before.waiting,
            format!(
                "{} calls waited; {first} were on their way at first, at most {most} at once",
                before.waiting
            ),
        ),
        (
            took.is_some(),
            match took {
                Some(took) => format!("nothing waits for it any more after {:.1} s", took.as_secs_f64()),
                None => "calls still wait for it".to_owned(),
            },
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(ms: u64, up: bool, numbers: [u64; 4]) -> Look {
        let [waiting, let_go, not_sent, reached] = numbers;
        let reason = if up { String::new() } else { "refused".to_owned() };
        let at = Duration::from_millis(ms);
        Look { at, up, reason, waiting, let_go, in_hand: let_go, not_sent, reached, ..Look::default() }
    }

    fn held(checks: &[(bool, String)]) -> Vec<bool> {
        checks.iter().map(|(held, _)| *held).collect()
    }

    #[test]
    fn one_probe_is_fine_and_two_are_seen() {
        let calm =
            [look(0, false, [5, 0, 3, 9]), look(100, false, [6, 1, 3, 9]), look(3_000, false, [7, 0, 4, 9])];
        assert_eq!(held(&away(&calm)), [true; 5]);
        let mut two = calm.clone();
        two[1].knocking = 2;
        assert_eq!(held(&away(&two)), [true, false, true, true, true]);
        let mut many = calm;
        many[2].not_sent = 9;
        assert_eq!(held(&away(&many)), [true, true, false, false, true]);
    }

    #[test]
    fn a_ramp_is_fine_and_a_stampede_is_seen() {
        let before = look(0, false, [40, 0, 3, 9]);
        let ramp =
            [look(50, true, [38, 2, 3, 10]), look(100, true, [34, 4, 3, 12]), look(900, true, [0, 8, 3, 40])];
        assert_eq!(held(&back(&before, &ramp)), [true; 3]);
        let stampede = [look(50, true, [0, 40, 3, 10])];
        assert_eq!(held(&back(&before, &stampede)), [false, false, true]);
        assert_eq!(held(&back(&before, &ramp[..2])), [true, true, false]);
    }
}
