//! How long before the next attempt: full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015).

use std::time::Duration;

use super::dice::Dice;
use super::moment::scaled;
use super::settings::Backoff;

impl Backoff {
    /// The longest wait before retry number `retry`, the first being 1; 0 counts as 1.
    pub fn ceiling(&self, retry: u32) -> Duration {
        // Beyond 30 doublings every cap is reached.
        let power = retry.saturating_sub(1).min(30).cast_signed();
        scaled(self.first, self.factor.max(1.0).powi(power)).min(self.max)
    }

    /// A wait before retry number `retry`: anything from nothing to its ceiling, so that calls that failed together
    /// do not come back together.
    pub fn draw(&self, retry: u32, dice: &mut Dice) -> Duration {
        scaled(self.ceiling(retry), dice.unit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ceilings_double_up_to_the_cap() {
        let backoff = Backoff::default();
        let table = [(0, 25), (1, 25), (2, 50), (3, 100), (4, 200), (5, 250), (40, 250), (u32::MAX, 250)];
        for (retry, ms) in table {
            assert_eq!(backoff.ceiling(retry), Duration::from_millis(ms), "retry {retry}");
        }
    }

    #[test]
    fn waits_fill_the_whole_of_their_range() {
        let (backoff, mut dice) = (Backoff::default(), Dice::new(1));
        let waits: Vec<_> = (0..1_000).map(|_| backoff.draw(3, &mut dice)).collect();
        assert!(waits.iter().all(|wait| *wait < Duration::from_millis(100)));
        assert!(waits.iter().any(|wait| *wait < Duration::from_millis(1)));
        assert!(waits.iter().any(|wait| *wait > Duration::from_millis(99)));
    }
}
