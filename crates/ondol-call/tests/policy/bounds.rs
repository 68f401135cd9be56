//! Bounds that hold for any traffic.

use std::time::Duration;

use ondol_call::policy::budget::Budget;
use ondol_call::policy::moment::Moment;
use ondol_call::policy::rate::Rate;
use ondol_call::policy::settings;
use proptest::prelude::*;

const TEN_SECONDS: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug)]
enum Event {
    Deposit,
    Withdraw(u32),
}

/// Events with the microseconds between them: bursts, steady traffic and long silence.
fn traffic() -> impl Strategy<Value = Vec<(u64, Event)>> {
    let pause = prop_oneof![8 => 0..50_000_u64, 4 => 0..2_000_000_u64, 1 => 0..25_000_000_u64];
    let event = prop_oneof![3 => Just(Event::Deposit), 2 => (1..4_u32).prop_map(Event::Withdraw)];
    prop::collection::vec((pause, event), 1..400)
}

/// What happened within the ten seconds up to `now`.
fn recent(events: &[(Moment, u32)], now: Moment) -> u32 {
    let recent = events.iter().filter(|(at, _)| now.since(*at) < TEN_SECONDS);
    recent.map(|(_, count)| count).sum()
}

proptest! {
    #[test]
    fn no_ten_seconds_cost_more_than_the_budget(
        traffic in traffic(),
        share in 0.0..1.0_f64,
        per_second in 0..5_u32,
    ) {
        let mut budget = Budget::new(settings::Budget { share, per_second });
        let (mut now, mut deposits, mut withdrawals) = (Moment::START, Vec::new(), Vec::new());
        for (pause_us, event) in traffic {
            now = now + Duration::from_micros(pause_us);
            let cost = match event {
                Event::Deposit => {
                    budget.deposit(now);
                    deposits.push((now, 1));
                    continue;
                }
                Event::Withdraw(cost) => cost,
            };
            match budget.withdraw(now, cost) {
                Ok(left) => {
                    withdrawals.push((now, cost));
                    prop_assert_eq!(left, budget.balance(now));
                    let earned = f64::from(recent(&deposits, now)) * share + 1e-6;
                    let most = earned + f64::from(per_second * 10);
                    prop_assert!(f64::from(recent(&withdrawals, now)) <= most);
                }
                Err(empty) => {
                    prop_assert!(empty.balance < i64::from(cost));
                    // It keeps its word, and would have refused a moment earlier.
                    if let Some(next_at) = empty.next_at {
                        prop_assert!(budget.clone().withdraw(next_at, cost).is_ok());
                        let before = Moment::at(next_at.since_start().saturating_sub(Duration::from_nanos(1)));
                        prop_assert!(budget.clone().withdraw(before, cost).is_err());
                    }
                }
            }
        }
    }

    #[test]
    fn no_stretch_of_time_admits_more_than_its_rate(
        pauses_us in prop::collection::vec(prop_oneof![4 => 0..20_000_u64, 1 => 0..3_000_000_u64], 1..300),
        per_second in 0.5..500.0_f64,
        burst in 0..20_u32,
    ) {
        let mut rate = Rate::new(settings::Rate { per_second, burst });
        let (mut now, mut admitted) = (Moment::START, Vec::new());
        for pause_us in pauses_us {
            now = now + Duration::from_micros(pause_us);
            match rate.admit(now) {
                Ok(()) => {
                    admitted.push(now);
                    for (count, from) in (1..).zip(admitted.iter().rev()) {
                        let most = f64::from(burst.max(1)) + now.since(*from).as_secs_f64() * per_second;
                        prop_assert!(f64::from(count) <= most + 1e-6, "{} since {:?}, at most {}", count, from, most);
                    }
                }
                Err(early) => {
                    // It keeps its word, and would have refused a moment earlier.
                    let nanosecond = Duration::from_nanos(1);
                    prop_assert!(rate.clone().admit(now + early.wait).is_ok());
                    prop_assert!(rate.clone().admit(now + early.wait.saturating_sub(nanosecond)).is_err());
                }
            }
        }
    }
}
