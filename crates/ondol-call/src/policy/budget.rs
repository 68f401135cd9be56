//! What retries, hedges and the engine's own retries may cost together, from this caller to one target (Finagle's
//! retry budget, in exact buckets): when a target fails wholly it sees a bounded share more, not twice as much.

use super::moment::Moment;
use super::retry::Stop;
use super::settings;
use super::window::Window;

/// Requests earn for so long, in seconds. Finagle's.
const EARNING_SECONDS: usize = 10;
/// Withdrawals are remembered for one second longer, so that they cover any ten seconds wherever they begin: with ten
/// buckets of each, what is spent late in one second could be spent again early in the second ten later.
const SPENDING_SECONDS: usize = EARNING_SECONDS + 1;

/// The budget of one target. Put it behind a lock; nothing in it takes long.
#[derive(Clone, Debug)]
pub struct Budget {
    settings: settings::Budget,
    earned: Window<EARNING_SECONDS>,
    spent: Window<SPENDING_SECONDS>,
}

/// The budget cannot pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Empty {
    /// What is left; below 0 when the requests that earned it are older than ten seconds and what it paid is not.
    pub balance: i64,
    /// What was asked for.
    pub cost: u32,
    /// When it could pay if nothing else happened; none if never without new requests.
    pub next_at: Option<Moment>,
}

impl From<Empty> for Stop {
    fn from(empty: Empty) -> Self {
        Self::BudgetEmpty { balance: empty.balance, cost: empty.cost }
    }
}

impl Budget {
    /// A budget that starts with its ten seconds of `per_second`.
    pub fn new(settings: settings::Budget) -> Self {
        Self { settings, earned: Window::new(), spent: Window::new() }
    }

    /// A call came: once a call, never for its retries.
    pub fn deposit(&mut self, now: Moment) {
        self.earned.add(now, 1);
    }

    /// Pays `cost`, and says what is left. In no ten seconds more is paid than the requests of ten seconds earn.
    pub fn withdraw(&mut self, now: Moment, cost: u32) -> Result<i64, Empty> {
        let balance = self.balance(now);
        if balance < i64::from(cost) {
            return Err(Empty { balance, cost, next_at: self.next_at(now, cost) });
        }
        self.spent.add(now, u64::from(cost));
        Ok(balance - i64::from(cost))
    }

    /// What is left: `share` × requests + `per_second` × 10 − withdrawals.
    pub fn balance(&self, now: Moment) -> i64 {
        self.balance_at(now.second())
    }

    fn balance_at(&self, second: u64) -> i64 {
        // So that 0.29 × 100 is 29 and not 28.999…96.
        const ROUNDING: f64 = 1e-9;
        #[expect(clippy::cast_possible_wrap, reason = "counts of requests stay far below 2⁶³")]
        let [requests, spent, seconds] =
            [self.earned.sum_at(second), self.spent.sum_at(second), EARNING_SECONDS as u64]
                .map(|count| count as i64);
        let share = (requests as f64 * self.settings.share.clamp(0.0, 1.0) + ROUNDING).floor() as i64;
        share + i64::from(self.settings.per_second) * seconds - spent
    }

    fn next_at(&self, now: Moment, cost: u32) -> Option<Moment> {
        let second = now.second();
        let mut seconds = second + 1..=second + SPENDING_SECONDS as u64;
        seconds.find(|second| self.balance_at(*second) >= i64::from(cost)).map(Moment::of_second)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_budget_says_when_it_can_pay_again() {
        let at = |ms: u64| Moment::at(Duration::from_millis(ms));
        let mut budget = Budget::new(settings::Budget { share: 0.2, per_second: 1 });
        assert_eq!(budget.balance(at(0)), 10);
        (0..10).for_each(|_| budget.deposit(at(500)));
        assert_eq!(budget.withdraw(at(600), 2), Ok(10));
        assert_eq!(budget.withdraw(at(2_100), 10), Ok(0));
        let empty =
            |balance, cost, next_at: Option<u64>| Err(Empty { balance, cost, next_at: next_at.map(at) });
        #[rustfmt::skip]
        let table = [
            (2_200,  1, empty(0, 1, Some(13_000))),   // second 0 earned and paid 2
            (2_200, 11, empty(0, 11, None)),          // more than it ever has without requests
            (10_900, 1, empty(-2, 1, Some(13_000))),  // what earned is older than ten seconds, what was paid is not
            (12_900, 1, empty(0, 1, Some(13_000))),
            (13_000, 1, Ok(9)),
        ];
        for (ms, cost, expected) in table {
            assert_eq!(budget.withdraw(at(ms), cost), expected, "at {ms} ms");
        }
    }
}
