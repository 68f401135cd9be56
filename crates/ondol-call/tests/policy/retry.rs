//! The whole table of what may be retried.

use std::time::Duration;

use http::{Method, StatusCode};
use ondol_call::policy::dice::Dice;
use ondol_call::policy::retry::{
    Ended, Mode, Next, Place, Repeat, Stop, Tries, Wait, attempts_max, decide, http_of_grpc,
};
use ondol_call::policy::settings::{Backoff, Retry};

const SECOND: Duration = Duration::from_secs(1);

fn tries() -> Tries {
    Tries { counted: 1, counted_max: 2, turned_away: 0, endpoints_left: 2, remaining: 5 * SECOND }
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).expect("a status")
}

fn answered(code: u16) -> Ended {
    Ended::Answered { status: status(code), unprocessed: false, retry_after: None }
}

fn unprocessed(code: u16) -> Ended {
    Ended::Answered { status: status(code), unprocessed: true, retry_after: None }
}

fn pushed_back(code: u16, wait: Duration) -> Ended {
    Ended::Answered { status: status(code), unprocessed: false, retry_after: Some(wait) }
}

/// A retry that counts.
fn again(place: Place, wait: Wait, cost: u32) -> Next {
    Next::Retry { place, wait, counted: true, cost }
}

/// A retry that neither counts nor costs.
fn free(place: Place) -> Next {
    Next::Retry { place, wait: Wait::None, counted: false, cost: 0 }
}

#[track_caller]
fn check(mode: Mode, ended: Ended, tries: Tries, retry: &Retry, expected: [Next; 2]) {
    for (repeat, expected) in [Repeat::Unsafe, Repeat::Safe].into_iter().zip(expected) {
        let next = decide(mode, ended, repeat, &tries, retry);
        assert_eq!(next, expected, "{mode:?} {ended:?} {repeat:?} {tries:?}");
    }
}

#[test]
fn the_table() {
    use Place::{Another, Anywhere, FreshConnection};
    let retry = Retry::default();
    let stop = Next::Stop;
    let once = [free(FreshConnection); 2];
    let anywhere = again(Anywhere, Wait::BackOff, 1);
    let pushed = again(Anywhere, Wait::PushedBack(SECOND), 1);
    let safe_only = |code| [stop(Stop::FinalForUnsafe(status(code))), anywhere];
    #[rustfmt::skip]
    let mut table = vec![
        (Ended::NotSent,                  [free(Another); 2]),
        (Ended::TurnedAway,               once),
        (Ended::Cut,                      [stop(Stop::Ambiguous), again(FreshConnection, Wait::BackOff, 1)]),
        (Ended::TimedOut,                 [stop(Stop::Ambiguous), again(Anywhere, Wait::BackOff, 2)]),
        (answered(429),                   [anywhere; 2]),
        (pushed_back(429, SECOND),        [pushed; 2]),
        (answered(502),                   safe_only(502)),
        (answered(503),                   safe_only(503)),
        (answered(504),                   safe_only(504)),
        (pushed_back(503, SECOND),        [stop(Stop::FinalForUnsafe(status(503))), pushed]),
        (unprocessed(502),                [anywhere; 2]),
        (unprocessed(503),                [anywhere; 2]),
        (unprocessed(504),                [anywhere; 2]),
        (answered(425),                   [anywhere; 2]),
        (answered(408),                   safe_only(408)),
        (Ended::CutAfterBegin,            [stop(Stop::Begun); 2]),
        (Ended::ClientGone,               [stop(Stop::ClientGone); 2]),
    ];
    for code in (200..600).filter(|code| ![408, 425, 429, 502, 503, 504].contains(code)) {
        table.push((answered(code), [stop(Stop::Final(status(code))); 2]));
        table.push((unprocessed(code), [stop(Stop::Final(status(code))); 2]));
    }
    for (ended, expected) in table {
        check(Mode::Full, ended, tries(), &retry, expected);
    }
}

#[test]
fn what_is_left_bounds_every_row() {
    let retry = Retry::default();
    let (turned_away, used_up) = (Stop::TurnedAwayTwice, Stop::AttemptsUsedUp { attempts: 2 });
    let too_far = Stop::PushedBackTooFar { asked: 5 * SECOND, remaining: 5 * SECOND };
    let ambiguous = Stop::Ambiguous;
    let full = tries();
    #[rustfmt::skip]
    let table = [
        (Ended::NotSent,                Tries { endpoints_left: 0, ..full },           [Stop::NoEndpointLeft; 2]),
        (Ended::TurnedAway,             Tries { turned_away: 2, ..full },              [turned_away; 2]),
        (Ended::TimedOut,               Tries { counted: 2, ..full },                  [ambiguous, used_up]),
        (answered(429),                 Tries { counted: 2, ..full },                  [used_up; 2]),
        (answered(429),                 Tries { remaining: Duration::ZERO, ..full },   [Stop::DeadlinePassed; 2]),
        (Ended::NotSent,                Tries { remaining: Duration::ZERO, ..full },   [Stop::DeadlinePassed; 2]),
        (pushed_back(429, 5 * SECOND),  full,                                          [too_far; 2]),
    ];
    for (ended, tries, expected) in table {
        check(Mode::Full, ended, tries, &retry, expected.map(Next::Stop));
    }
    // What was not sent does not count, however often.
    check(Mode::Full, Ended::NotSent, Tries { counted: 2, ..full }, &retry, [free(Place::Another); 2]);
}

#[test]
fn a_status_can_be_added_and_still_heeds_safety() {
    let retry = Retry { statuses: vec![500], ..Retry::default() };
    let stop = Next::Stop(Stop::FinalForUnsafe(status(500)));
    let anywhere = again(Place::Anywhere, Wait::BackOff, 1);
    check(Mode::Full, answered(500), tries(), &retry, [stop, anywhere]);
    check(Mode::Full, unprocessed(500), tries(), &retry, [anywhere; 2]);
}

#[test]
fn a_step_is_sent_once() {
    let retry = Retry { statuses: vec![500], ..Retry::default() };
    let alone = Tries { endpoints_left: 0, ..tries() };
    let twice = Tries { turned_away: 2, ..alone };
    let sent = Next::Stop(Stop::SentOnce);
    #[rustfmt::skip]
    let table = [
        (Ended::NotSent,       tries(), free(Place::Another)),
        (Ended::NotSent,       alone,   Next::Stop(Stop::NoEndpointLeft)),
        (Ended::TurnedAway,    tries(), free(Place::Another)),
        (Ended::TurnedAway,    alone,   free(Place::FreshConnection)),
        (Ended::TurnedAway,    twice,   Next::Stop(Stop::TurnedAwayTwice)),
        (Ended::Cut,           tries(), sent),
        (Ended::TimedOut,      tries(), sent),
        (Ended::CutAfterBegin, tries(), sent),
        (answered(200),        tries(), sent),
        (answered(429),        tries(), sent),
        (answered(425),        tries(), sent),
        (answered(500),        tries(), sent),
        (unprocessed(503),     tries(), sent),
    ];
    for (ended, tries, expected) in table {
        check(Mode::Once, ended, tries, &retry, [expected; 2]);
    }
}

#[test]
fn what_is_safe_to_repeat() {
    #[rustfmt::skip]
    let table = [
        // method, has a key, the callee honours keys
        (Method::GET,     false, false, Repeat::Safe),
        (Method::HEAD,    false, false, Repeat::Safe),
        (Method::OPTIONS, false, false, Repeat::Safe),
        (Method::TRACE,   false, false, Repeat::Safe),
        (Method::PUT,     false, false, Repeat::Safe),
        (Method::DELETE,  false, false, Repeat::Safe),
        (Method::POST,    false, false, Repeat::Unsafe),
        (Method::POST,    true,  false, Repeat::Unsafe),
        (Method::POST,    false, true,  Repeat::Unsafe),
        (Method::POST,    true,  true,  Repeat::Safe),
        (Method::PATCH,   false, true,  Repeat::Unsafe),
        (Method::PATCH,   true,  true,  Repeat::Safe),
        (Method::CONNECT, false, false, Repeat::Unsafe),
    ];
    for (method, has_key, honoured, expected) in table {
        assert_eq!(Repeat::of(&method, has_key, honoured), expected, "{method} {has_key} {honoured}");
    }
}

#[test]
fn reads_may_be_tried_more_often_and_the_engine_s_calls_less() {
    let (default, none) = (Retry::default(), Retry { attempts: 0, attempts_read: 0, ..Retry::default() });
    #[rustfmt::skip]
    let table = [
        (&default, Method::GET,  None,    3),
        (&default, Method::HEAD, None,    3),
        (&default, Method::PUT,  None,    2),
        (&default, Method::POST, None,    2),
        (&default, Method::GET,  Some(1), 2),
        (&default, Method::POST, Some(4), 2),
        (&none,    Method::GET,  None,    1),
        (&none,    Method::POST, Some(1), 1),
    ];
    for (retry, method, engine_attempt, expected) in table {
        assert_eq!(attempts_max(retry, &method, engine_attempt), expected, "{method} {engine_attempt:?}");
    }
}

#[test]
fn grpc_is_mapped_to_http_first() {
    let mapped: Vec<_> = (0..=16).filter_map(|grpc| Some((grpc, http_of_grpc(grpc)?.as_u16()))).collect();
    assert_eq!(mapped, [(4, 504), (8, 429), (14, 503)]);
}

#[test]
fn a_push_back_is_never_cut_short() {
    let (backoff, mut dice) = (Backoff::default(), Dice::new(3));
    for _ in 0..100 {
        let wait = Wait::PushedBack(SECOND).draw(1, &backoff, &mut dice);
        assert!(wait >= SECOND && wait < SECOND + backoff.first, "{wait:?}");
        assert!(Wait::BackOff.draw(1, &backoff, &mut dice) < backoff.first);
    }
    assert_eq!(Wait::None.draw(1, &backoff, &mut dice), Duration::ZERO);
}

#[test]
fn every_stop_reads_as_a_sentence() {
    let stops = [
        Stop::Final(status(404)),
        Stop::FinalForUnsafe(status(503)),
        Stop::Ambiguous,
        Stop::Begun,
        Stop::ClientGone,
        Stop::SentOnce,
        Stop::AttemptsUsedUp { attempts: 2 },
        Stop::NoEndpointLeft,
        Stop::TurnedAwayTwice,
        Stop::BodyTooLong,
        Stop::DeadlinePassed,
        Stop::PushedBackTooFar { asked: 5 * SECOND, remaining: SECOND },
        Stop::BudgetEmpty { balance: 0, cost: 2 },
    ];
    let text: Vec<_> = stops.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(text.join("\n"));
}
