//! Which endpoint gets the next request: two random choices, and the better of them (Mitzenmacher 1996), compared by
//! Peak-EWMA × (in flight + 1).
//!
//! Rules that hold together:
//! * An endpoint that is open is not used, and one that is absent is not there. Only if none is usable are they:
//!   those that fail first, absent ones last. So **errors never eject the last endpoint**.
//! * Below half of them usable is *panic*. It is reported, and no further endpoint is ejected for its share of
//!   successes; see [`Leeway`]. But those that are open stay open, unlike in Envoy, which then uses all alike: if two
//!   of three fail, that would send them two thirds of the traffic.
//! * A probe goes first, with a call's first attempt: its retry should go to where it will most likely succeed.

mod load;
mod pick;

use super::breaker::{Admit, Leeway};
use super::dice::Dice;
use super::moment::Moment;
use super::settings;
pub use load::{Load, Sample};
pub use pick::{Panic, Pick, Why};

/// A new endpoint starts with this share of its share: enough to measure it by, little enough to warm up with.
const WARM_MIN: f64 = 0.1;

/// One endpoint as the choice sees it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// What its breaker says now.
    pub admit: Admit,
    /// Since when it is usable: [`Breaker::usable_since`](super::breaker::Breaker::usable_since). None if it always
    /// was, as for all endpoints at the start, or is not.
    pub usable_since: Option<Moment>,
    /// This call has tried it.
    pub tried: bool,
    /// How busy and how fast it is.
    pub load: &'a Load,
}

/// Picks an endpoint that was not tried yet; none if there is no more. Endpoints that are not usable are picked only
/// if *no* endpoint is, tried or not: a retry that is left with ejected ones would most likely fail as well.
pub fn pick(views: &[View<'_>], now: Moment, settings: &settings::Balance, dice: &mut Dice) -> Option<Pick> {
    let panic = panic(views, settings);
    let first = views.iter().all(|view| !view.tried);
    let (tier, why) = tier(views, first);
    let untried = |index: &usize| tier(views[*index].admit) && !views[*index].tried;
    let mut candidates: Vec<usize> = (0..views.len()).filter(untried).collect();
    warm_only(&mut candidates, views, now, settings, dice);
    let otherwise = otherwise(views, now);
    let score = |index: usize| views[index].load.score(now, otherwise);
    if candidates.len() < 2 {
        let index = *candidates.first()?;
        return Some(Pick { index, score: score(index), instead_of: None, why, panic });
    }
    let one = candidates.swap_remove(dice.below(candidates.len()));
    let other = candidates[dice.below(candidates.len())];
    let (index, rest) = if score(other) < score(one) { (other, one) } else { (one, other) };
    Some(Pick { index, score: score(index), instead_of: Some((rest, score(rest))), why, panic })
}

/// Whether too few endpoints are usable.
pub fn panic(views: &[View<'_>], settings: &settings::Balance) -> Option<Panic> {
    let (usable, of) = (usable(views), views.len());
    ((usable as f64) < settings.panic_below * of as f64).then_some(Panic { usable, of })
}

/// What endpoint `index` may do, with regard to the others.
pub fn leeway(views: &[View<'_>], index: usize, settings: &settings::Balance) -> Leeway {
    let others = views.iter().enumerate().filter(|(other, _)| *other != index);
    if !others.into_iter().any(|(_, view)| view.admit == Admit::Yes) {
        return Leeway::Last;
    }
    if panic(views, settings).is_some() { Leeway::RowOnly } else { Leeway::Free }
}

fn usable(views: &[View<'_>]) -> usize {
    views.iter().filter(|view| view.admit == Admit::Yes).count()
}

/// The best kind of endpoint that there is, as a test of it, and what a pick from it is called. `first`: it is the
/// call's first attempt.
fn tier(views: &[View<'_>], first: bool) -> (fn(Admit) -> bool, Why) {
    let any = |of: fn(Admit) -> bool| views.iter().any(|view| of(view.admit));
    let usable: fn(Admit) -> bool = |admit| admit == Admit::Yes;
    let probe: fn(Admit) -> bool = |admit| admit == Admit::Probe;
    let failing: fn(Admit) -> bool = |admit| matches!(admit, Admit::No { cause, .. } if !cause.is_absence());
    if first && any(probe) {
        (probe, Why::Probe)
    } else if any(usable) {
        (usable, Why::Load)
    } else if any(probe) {
        (probe, Why::Probe)
    } else if any(failing) {
        (failing, Why::NoneUsable)
    } else {
        (|_| true, Why::NonePresent)
    }
}

/// Leaves out endpoints that are still warming up, each as likely as it is cold. Their score alone would not do: with
/// two choices the worse never wins, so that they would get nothing until the last second and then everything.
fn warm_only(
    candidates: &mut Vec<usize>,
    views: &[View<'_>],
    now: Moment,
    settings: &settings::Balance,
    dice: &mut Dice,
) {
    let mut warm = candidates.clone();
    warm.retain(|index| {
        let warmth = views[*index].usable_since.map_or(1.0, |since| warmth(now, since, settings));
        // No chance is taken for what is certain: a caller whose endpoints are all warm spends no dice.
        warmth >= 1.0 || dice.unit() < warmth
    });
    if !warm.is_empty() {
        *candidates = warm;
    }
}

/// How much of its share an endpoint gets that is usable since `since`: from a tenth to all of it.
fn warmth(now: Moment, since: Moment, settings: &settings::Balance) -> f64 {
    if settings.slow_start.is_zero() {
        return 1.0;
    }
    let passed = now.since(since).as_secs_f64() / settings.slow_start.as_secs_f64();
    WARM_MIN + (1.0 - WARM_MIN) * passed.min(1.0)
}

/// What an endpoint with unknown latency is taken to have, in nanoseconds: the mean of the known ones.
fn otherwise(views: &[View<'_>], now: Moment) -> f64 {
    let (mut sum, mut count) = (0.0, 0_u32);
    for latency in views.iter().filter_map(|view| view.load.average_ns(now)) {
        sum += latency;
        count += 1;
    }
    // With none known all are alike, whatever the number.
    if count == 0 { 1.0 } else { sum / f64::from(count) }
}

#[cfg(test)]
mod tests;
