//! What a request is, as far as the policies go: what it may be repeated for, how long it has, which lane it takes.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, Request, header};
use ondol_call::policy::deadline;
use ondol_call::policy::moment::Moment;
use ondol_call::policy::retry::{self, Repeat};
use ondol_call::policy::settings::Settings;
use ondol_call::policy::throttle::Lane;

use super::clock::millis;
use crate::context::{ATTEMPT, HALF, IDEMPOTENCY_KEY};
use crate::key::Half;

/// A `grpc-timeout` has at most eight digits.
const GRPC_MAX: u64 = 99_999_999;

pub(super) struct Kind {
    pub(super) method: Method,
    pub(super) repeat: Repeat,
    pub(super) has_key: bool,
    pub(super) lane: Lane,
    /// How many attempts may count.
    pub(super) most: u32,
    /// None for gRPC that brings none: a stream may take as long as it likes.
    pub(super) deadline: Option<Moment>,
    /// What the request brought; the callee is told what remains of it.
    pub(super) asked: Option<Duration>,
}

impl Kind {
    pub(super) fn of<B>(request: &Request<B>, settings: &Settings, key_honoured: bool, now: Moment) -> Self {
        let (method, headers) = (request.method(), request.headers());
        let asked = deadline::asked(headers);
        let within =
            (asked.is_some() || !is_grpc(headers)).then(|| deadline::total(settings.deadline, asked));
        let has_key = headers.contains_key(IDEMPOTENCY_KEY);
        let said = request.extensions().get::<Repeat>().copied();
        let half = headers.get(HALF).and_then(|half| Half::parse(half.to_str().ok()?));
        let attempt = headers.get(ATTEMPT).and_then(|number| number.to_str().ok()?.parse().ok());
        Self {
            repeat: said.unwrap_or_else(|| Repeat::of(method, has_key, key_honoured)),
            has_key,
            lane: match half {
                Some(Half::Compensation) => Lane::Undoing,
                Some(Half::Action) | None => Lane::Forward,
            },
            most: retry::attempts_max(&settings.retry, method, attempt),
            deadline: within.map(|within| now + within),
            asked,
            method: method.clone(),
        }
    }

    /// What is left of the deadline; without one, for ever.
    pub(super) fn remaining(&self, now: Moment) -> Duration {
        self.deadline.map_or(Duration::MAX, |deadline| deadline.since(now))
    }

    /// How long an attempt may take; none if as long as it likes.
    pub(super) fn attempt_within(
        &self,
        now: Moment,
        response: Option<Duration>,
        another: bool,
    ) -> Option<Duration> {
        match self.deadline {
            Some(deadline) => Some(deadline::attempt_timeout(deadline.since(now), response, another)),
            None => response,
        }
    }

    /// Tells the callee what is left, less a margin for the answer's way home, in the headers that the request came
    /// with. A deadline that nobody asked for is not passed on.
    pub(super) fn pass_on(&self, headers: &mut HeaderMap, now: Moment) {
        if self.asked.is_none() {
            return;
        }
        let ms = millis(deadline::passed_on(self.remaining(now)));
        for name in [deadline::ONDOL, deadline::ENVOY] {
            if headers.contains_key(&name) {
                headers.insert(name, HeaderValue::from(ms));
            }
        }
        if headers.contains_key(deadline::GRPC) {
            let value = format!("{}m", ms.min(GRPC_MAX));
            headers.insert(deadline::GRPC, HeaderValue::try_from(value).expect("digits are a header"));
        }
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Lines = [(&'static str, &'static str)];
    /// Method and headers; what may be done, in which lane, how often, for how long in milliseconds.
    type Row = (Method, &'static Lines, Repeat, Lane, u32, Option<u64>);

    fn kind(method: Method, lines: &Lines) -> (Kind, HeaderMap) {
        let mut request = Request::new(());
        *request.method_mut() = method;
        for (name, value) in lines {
            request.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        let kind = Kind::of(&request, &Settings::default(), true, Moment::START);
        (kind, request.into_parts().0.headers)
    }

    #[test]
    fn headers_say_what_a_call_is() {
        use Lane::{Forward, Undoing};
        use Repeat::{Safe, Unsafe};
        #[rustfmt::skip]
        let table: [Row; 9] = [
            (Method::GET,  &[],                                     Safe,   Forward, 3, Some(10_000)),
            (Method::PUT,  &[],                                     Safe,   Forward, 2, Some(10_000)),
            (Method::POST, &[],                                     Unsafe, Forward, 2, Some(10_000)),
            (Method::POST, &[("idempotency-key", "k")],             Safe,   Forward, 2, Some(10_000)),
            (Method::GET,  &[("ondol-attempt", "2")],               Safe,   Forward, 2, Some(10_000)),
            (Method::POST, &[("ondol-half", "compensation")],       Unsafe, Undoing, 2, Some(10_000)),
            (Method::POST, &[("ondol-half", "action")],             Unsafe, Forward, 2, Some(10_000)),
            (Method::POST, &[("ondol-deadline-ms", "70")],          Unsafe, Forward, 2, Some(70)),
            (Method::POST, &[("content-type", "application/grpc")], Unsafe, Forward, 2, None),
        ];
        for (method, lines, repeat, lane, most, within_ms) in table {
            let (kind, _) = kind(method, lines);
            assert_eq!((kind.repeat, kind.lane, kind.most), (repeat, lane, most), "{lines:?}");
            let within = within_ms.map(Duration::from_millis);
            assert_eq!(kind.deadline.map(Moment::since_start), within, "{lines:?}");
        }
    }

    #[test]
    fn what_is_left_is_passed_on_in_the_callers_own_words() {
        let at = Moment::at(Duration::from_millis(300));
        let said = |lines| {
            let (kind, mut headers) = kind(Method::GET, lines);
            kind.pass_on(&mut headers, at);
            let one = |name| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
            [one(deadline::ONDOL), one(deadline::GRPC)]
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(said(&[]), [None, None]);
        assert_eq!(said(&[("ondol-deadline-ms", "1000")]), [some("690"), None]);
        assert_eq!(said(&[("grpc-timeout", "1S")]), [None, some("690m")]);
        assert_eq!(
            said(&[("ondol-deadline-ms", "2000"), ("grpc-timeout", "1S")]),
            [some("690"), some("690m")]
        );
        assert_eq!(said(&[("ondol-deadline-ms", "200")]), [some("0"), None]);
    }
}
