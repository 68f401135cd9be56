use super::*;

fn at(ms: u64) -> Moment {
    Moment::at(Duration::from_millis(ms))
}

/// Without jitter, so that times are round.
fn breaker() -> Breaker {
    Breaker::new(settings::Breaker { jitter: 0.0, ..settings::Breaker::default() }, at(0))
}

fn send(breaker: &mut Breaker, ms: u64, outcome: Outcome, leeway: Leeway) -> Option<Change> {
    let pass = breaker.began(at(ms));
    breaker.ended(at(ms), pass, outcome, leeway, &mut Dice::new(ms))
}

fn opened(cause: Cause, ms: u64, times: u32) -> Change {
    Change::Opened { cause, lasts: Duration::from_millis(ms), times }
}

/// Sends one request for each letter, a millisecond apart, and says by which change and when it changed at all.
#[track_caller]
fn check(outcomes: &str, leeway: Leeway, expected: Option<Cause>) {
    let mut breaker = breaker();
    let mut changes = Vec::new();
    for (ms, letter) in (0..).zip(outcomes.chars()) {
        let outcome = match letter {
            '.' => Outcome::Ok,
            's' => Outcome::Soft,
            'x' => Outcome::Hard,
            'r' => Outcome::Unreachable,
            other => panic!("{other}"),
        };
        changes.extend(send(&mut breaker, ms, outcome, leeway));
    }
    let causes: Vec<_> = changes
        .iter()
        .map(|change| match change {
            Change::Opened { cause, .. } => *cause,
            Change::Closed { .. } => panic!("{changes:?}"),
        })
        .collect();
    assert_eq!(causes, Vec::from_iter(expected), "{outcomes} {leeway:?}");
}

#[test]
fn what_opens_it() {
    use Leeway::{Free, Last, RowOnly};
    let row = Some(Cause::InARow { failures: 5 });
    let share = |ok, of| Some(Cause::Share { ok, of });
    #[rustfmt::skip]
    let table = [
        ("xxxx",              Free,    None),
        ("xxxxx",             Free,    row),
        ("xxxx.xxxx",         Free,    None), // 9 results are too few for a share
        ("xxxx.xxxx.",        Free,    None), // and a success never opens
        ("xxxx.xxxx.x",       Free,    share(2, 11)),
        ("xxssxxx",           Free,    row), // a soft failure neither adds to a row nor breaks it
        ("sssssssss",         Free,    None),
        ("ssssssssss",        Free,    share(0, 10)),
        ("........xx",        Free,    None), // 80 %
        ("........xxx",       Free,    share(8, 11)),
        ("........xxx",       RowOnly, None),
        ("........xxxxx",     RowOnly, row),
        ("........xxxxxxxxx", Last,    None),
        ("xxxxxxxxxxxxxx",    Last,    None),
        ("r",                 Free,    Some(Cause::Refused)),
        ("r",                 RowOnly, Some(Cause::Refused)),
        ("r",                 Last,    Some(Cause::Refused)), // not there is not an error
    ];
    for (outcomes, leeway, expected) in table {
        check(outcomes, leeway, expected);
    }
}

#[test]
fn the_last_one_opens_once_there_is_another() {
    let mut breaker = breaker();
    for ms in 0..7 {
        assert_eq!(send(&mut breaker, ms, Outcome::Hard, Leeway::Last), None);
    }
    let change = send(&mut breaker, 8, Outcome::Hard, Leeway::Free);
    assert_eq!(change.unwrap(), opened(Cause::InARow { failures: 8 }, 1_000, 1));
}

#[test]
fn old_results_are_forgotten() {
    let mut breaker = breaker();
    for ms in 0..9 {
        send(&mut breaker, ms, Outcome::Soft, Leeway::Free);
    }
    assert_eq!(send(&mut breaker, 10_000, Outcome::Soft, Leeway::Free), None);
}

/// Opens it by refusals or failures again and again, each at the moment its probe is due.
#[track_caller]
fn check_growth(outcome: Outcome, first: Cause, next: Cause, ms: &[u64]) {
    let mut breaker = breaker();
    let mut now = 0;
    let rows = if outcome == Outcome::Unreachable { 0 } else { 4 };
    for _ in 0..rows {
        assert_eq!(send(&mut breaker, now, outcome, Leeway::Free), None);
    }
    for (times, ms) in (1..).zip(ms) {
        let cause = if times == 1 { first } else { next };
        let change = send(&mut breaker, now, outcome, Leeway::Free);
        assert_eq!(change, Some(opened(cause, *ms, times)));
        assert_eq!(breaker.admits(at(now + ms - 1)), Admit::No { cause, until: at(now + ms) });
        now += ms;
        assert_eq!(breaker.admits(at(now)), Admit::Probe);
    }
}

#[test]
fn it_opens_for_longer_each_time() {
    let row = Cause::InARow { failures: 5 };
    let open = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000];
    check_growth(Outcome::Hard, row, Cause::ProbeFailed, &open);
    let absent = [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000];
    check_growth(Outcome::Unreachable, Cause::Refused, Cause::Refused, &absent);
}

#[test]
fn one_request_probes_and_its_success_closes() {
    let mut breaker = breaker();
    send(&mut breaker, 0, Outcome::Unreachable, Leeway::Free);
    let probe = breaker.began(at(250));
    assert!(matches!(breaker.admits(at(251)), Admit::No { cause: Cause::Refused, .. }));
    assert_eq!(breaker.usable_since(), None);
    let change = breaker.ended(at(300), probe, Outcome::Ok, Leeway::Free, &mut Dice::new(0));
    assert_eq!(change, Some(Change::Closed { was: Cause::Refused, times: 1 }));
    assert_eq!((breaker.admits(at(300)), breaker.usable_since()), (Admit::Yes, Some(at(300))));
}

#[test]
fn a_probe_that_is_dropped_or_lost_makes_room_for_another() {
    let mut breaker = breaker();
    send(&mut breaker, 0, Outcome::Unreachable, Leeway::Free);
    let probe = breaker.began(at(250));
    breaker.abandoned(at(260), probe);
    assert_eq!(breaker.admits(at(260)), Admit::Probe);
    let lost = breaker.began(at(260));
    assert!(matches!(breaker.admits(at(30_259)), Admit::No { .. }));
    assert_eq!(breaker.admits(at(30_260)), Admit::Probe);
    let next = breaker.began(at(30_260));
    // The lost one comes back at last: too late to count.
    assert_eq!(breaker.ended(at(30_261), lost, Outcome::Ok, Leeway::Free, &mut Dice::new(0)), None);
    let change = breaker.ended(at(30_270), next, Outcome::Hard, Leeway::Free, &mut Dice::new(0));
    assert_eq!(
        change.unwrap(),
        opened(Cause::ProbeFailed, 1_000, 1),
        "absent before, failing now: counted anew"
    );
}

#[test]
fn results_of_another_time_do_not_count() {
    let mut breaker = breaker();
    let early: Vec<_> = (0..10).map(|_| breaker.began(at(0))).collect();
    send(&mut breaker, 1, Outcome::Unreachable, Leeway::Free);
    let mut dice = Dice::new(0);
    assert_eq!(breaker.ended(at(2), early[0], Outcome::Ok, Leeway::Free, &mut dice), None);
    assert_eq!(
        send(&mut breaker, 300, Outcome::Ok, Leeway::Free).map(|_| breaker.admits(at(300))),
        Some(Admit::Yes)
    );
    for pass in early {
        assert_eq!(breaker.ended(at(301), pass, Outcome::Hard, Leeway::Free, &mut dice), None);
    }
}

#[test]
fn one_sent_for_want_of_another_may_close_it_and_never_prolongs_it() {
    let mut breaker = breaker();
    send(&mut breaker, 0, Outcome::Unreachable, Leeway::Free);
    let until = Admit::No { cause: Cause::Refused, until: at(250) };
    for outcome in [Outcome::Hard, Outcome::Soft, Outcome::Unreachable] {
        assert_eq!(send(&mut breaker, 100, outcome, Leeway::Last), None);
        assert_eq!(breaker.admits(at(100)), until);
    }
    send(&mut breaker, 100, Outcome::Ok, Leeway::Last);
    assert_eq!(breaker.admits(at(100)), Admit::Yes);
}

#[test]
fn doubling_starts_anew_after_a_time_of_health() {
    #[rustfmt::skip]
    let table = [
        // closed for, opened for
        (5_000,  500, 2),
        (9_999,  500, 2),
        (10_000, 250, 1),
    ];
    for (healthy, ms, times) in table {
        let mut breaker = breaker();
        send(&mut breaker, 0, Outcome::Unreachable, Leeway::Free);
        send(&mut breaker, 250, Outcome::Ok, Leeway::Free);
        let change = send(&mut breaker, 250 + healthy, Outcome::Unreachable, Leeway::Free);
        assert_eq!(change.unwrap(), opened(Cause::Refused, ms, times), "healthy for {healthy} ms");
    }
}

#[test]
fn callers_that_opened_together_probe_apart() {
    let mut dice = Dice::new(1);
    let mut lasts = Vec::new();
    for _ in 0..1_000 {
        let mut breaker = Breaker::new(settings::Breaker::default(), at(0));
        let pass = breaker.began(at(0));
        let change = breaker.ended(at(0), pass, Outcome::Unreachable, Leeway::Free, &mut dice);
        let Some(Change::Opened { lasts: last, .. }) = change else { panic!("{change:?}") };
        lasts.push(last.as_millis());
    }
    let (min, max) = (lasts.iter().min(), lasts.iter().max());
    assert!(min >= Some(&250) && min < Some(&252), "{min:?}");
    assert!(max < Some(&375) && max > Some(&372), "{max:?}");
}

#[test]
fn changes_read_as_a_line_of_a_log() {
    let lasts = Duration::from_millis(1_250);
    let opened = |cause, times| Change::Opened { cause, lasts, times };
    let changes = [
        opened(Cause::InARow { failures: 5 }, 1),
        opened(Cause::Share { ok: 7, of: 10 }, 1),
        opened(Cause::ProbeFailed, 3),
        opened(Cause::Refused, 2),
        Change::Closed { was: Cause::Refused, times: 2 },
    ];
    let text: Vec<_> = changes.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(text.join("\n"));
}
