//! How long a call may take: what the request says, what is passed on, and what an attempt gets of it.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::moment::scaled;

/// Ours, in milliseconds.
pub const ONDOL: HeaderName = HeaderName::from_static("ondol-deadline-ms");
/// gRPC's: at most eight digits and a unit.
pub const GRPC: HeaderName = HeaderName::from_static("grpc-timeout");
/// Envoy's, in milliseconds. Envoy leaves it out for no limit, and 0 is taken the same way.
pub const ENVOY: HeaderName = HeaderName::from_static("x-envoy-expected-rq-timeout-ms");

/// gRPC's greatest number of any unit.
const GRPC_MAX: u64 = 99_999_999;
/// What is kept back for the answer's way home, at most: a round trip within a region, twice.
const MARGIN_MAX: Duration = Duration::from_millis(10);
/// And at most this share, so that a short deadline still leaves time to work.
const MARGIN_SHARE: f64 = 0.1;
/// No attempt gets more while another is possible; the p99.9 of a healthy service is well below it.
const ATTEMPT_MAX: Duration = Duration::from_secs(3);
/// Two attempts and the back-off between them fit into the whole.
const ATTEMPT_SHARE: f64 = 0.45;

/// What is kept of a call's time for another service that may answer in its stead: enough for a service that is well, and
/// little enough that the first one has most of the time.
const ALTERNATE_SHARE: f64 = 0.3;

/// What a request's headers leave: the smallest that is well formed. Malformed ones are ignored, as RFC 9110 has it
/// for most headers; none is no limit. Zero is a deadline that has passed.
pub fn asked(headers: &HeaderMap) -> Option<Duration> {
    let all = |name: HeaderName, read: fn(&str) -> Option<Duration>| {
        headers.get_all(name).into_iter().filter_map(move |value| read(value.to_str().ok()?.trim()))
    };
    let envoy = all(ENVOY, millis).filter(|limit| !limit.is_zero());
    all(ONDOL, millis).chain(all(GRPC, grpc)).chain(envoy).min()
}

/// What a call gets: what is set, or what is asked for if that is less.
pub fn total(set: Duration, asked: Option<Duration>) -> Duration {
    asked.map_or(set, |asked| asked.min(set))
}

/// What to tell the callee of `remaining`: less a margin for the answer's way back.
pub fn passed_on(remaining: Duration) -> Duration {
    remaining.saturating_sub(scaled(remaining, MARGIN_SHARE).min(MARGIN_MAX))
}

/// Writes `left` into those of the headers that `request` has, in whole milliseconds.
pub fn write(left: Duration, request: &mut HeaderMap) {
    let ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
    let grpc = format!("{}m", ms.min(GRPC_MAX));
    let grpc = HeaderValue::try_from(grpc).expect("digits and a letter are a header");
    for (name, value) in [(ONDOL, ms.into()), (ENVOY, ms.into()), (GRPC, grpc)] {
        if request.contains_key(&name) {
            request.insert(name, value);
        }
    }
}

/// How long an attempt may wait for its answer's head: what is `set`, else the smaller of 3 s and 45 % of what
/// remains. If no other attempt is possible nothing is kept for one: it gets all that remains, since giving a request
/// up that may not be repeated only makes it ambiguous.
pub fn attempt_timeout(remaining: Duration, set: Option<Duration>, another_possible: bool) -> Duration {
    match set {
        Some(set) => set.min(remaining),
        None if another_possible => scaled(remaining, ATTEMPT_SHARE).min(ATTEMPT_MAX),
        None => remaining,
    }
}

/// What a call's own attempts have of `remaining` where an alternate may follow them.
pub fn before_alternate(remaining: Duration) -> Duration {
    scaled(remaining, 1.0 - ALTERNATE_SHARE)
}

fn digits(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX)) // too large is still well formed, and far away
}

fn millis(text: &str) -> Option<Duration> {
    digits(text).map(Duration::from_millis)
}

/// gRPC over HTTP/2, "Requests": `TimeoutValue TimeoutUnit`, at most eight digits.
fn grpc(text: &str) -> Option<Duration> {
    /// So many by the specification; longer is malformed.
    const DIGITS_MAX: usize = 8;
    let unit = text.bytes().last()?;
    let value = text.get(..text.len() - 1).filter(|value| value.len() <= DIGITS_MAX).and_then(digits)?;
    Some(match unit {
        b'H' => Duration::from_secs(value * 3_600),
        b'M' => Duration::from_secs(value * 60),
        b'S' => Duration::from_secs(value),
        b'm' => Duration::from_millis(value),
        b'u' => Duration::from_micros(value),
        b'n' => Duration::from_nanos(value),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    type Lines = [(HeaderName, &'static str)];

    #[track_caller]
    fn check(lines: &Lines, expected: Option<Duration>) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        assert_eq!(asked(&headers), expected, "{lines:?}");
    }

    #[test]
    fn the_smallest_that_is_well_formed_counts() {
        let (ms, ns) = (Duration::from_millis, Duration::from_nanos);
        #[rustfmt::skip]
        let table: [(&Lines, Option<Duration>); 24] = [
            (&[],                                         None),
            (&[(ONDOL, "250")],                           Some(ms(250))),
            (&[(ONDOL, "0")],                             Some(ms(0))),
            (&[(ONDOL, " 250 ")],                         Some(ms(250))),
            (&[(ONDOL, "-1")],                            None),
            (&[(ONDOL, "1.5")],                           None),
            (&[(ONDOL, "+1")],                            None),
            (&[(ONDOL, "")],                              None),
            (&[(ONDOL, "99999999999999999999999")],       Some(ms(u64::MAX))),
            (&[(ONDOL, "300"), (ONDOL, "200")],           Some(ms(200))),
            (&[(GRPC, "2H")],                             Some(ms(7_200_000))),
            (&[(GRPC, "2M")],                             Some(ms(120_000))),
            (&[(GRPC, "2S")],                             Some(ms(2_000))),
            (&[(GRPC, "2m")],                             Some(ms(2))),
            (&[(GRPC, "2u")],                             Some(ns(2_000))),
            (&[(GRPC, "2n")],                             Some(ns(2))),
            (&[(GRPC, "99999999H")],                      Some(ms(359_999_996_400_000))),
            (&[(GRPC, "999999999n")],                     None),
            (&[(GRPC, "2s")],                             None),
            (&[(GRPC, "m")],                              None),
            (&[(GRPC, "2")],                              None),
            (&[(ENVOY, "0")],                             None),
            (&[(ENVOY, "70"), (GRPC, "80m"), (ONDOL, "90")], Some(ms(70))),
            (&[(ENVOY, "soon"), (GRPC, "80m"), (ONDOL, "90")], Some(ms(80))),
        ];
        for (lines, expected) in table {
            check(lines, expected);
        }
    }

    #[test]
    fn an_attempt_leaves_room_for_another() {
        let (ms, secs) = (Duration::from_millis, Duration::from_secs);
        #[rustfmt::skip]
        let table = [
            // remaining, set, another is possible
            (secs(10),  None,           true,  secs(3)),
            (secs(1),   None,           true,  ms(450)),
            (secs(10),  None,           false, secs(10)),
            (secs(10),  Some(secs(5)),  true,  secs(5)),
            (secs(10),  Some(secs(5)),  false, secs(5)),
            (secs(1),   Some(secs(5)),  true,  secs(1)),
            (ms(0),     None,           true,  ms(0)),
        ];
        for (remaining, set, another, expected) in table {
            assert_eq!(attempt_timeout(remaining, set, another), expected, "{remaining:?} {set:?} {another}");
        }
        assert_eq!(passed_on(secs(10)), ms(9_990));
        assert_eq!(passed_on(ms(50)), ms(45));
        assert_eq!(passed_on(ms(0)), ms(0));
        assert_eq!(before_alternate(secs(10)), secs(7));
        assert_eq!(total(secs(10), None), secs(10));
        assert_eq!(total(secs(10), Some(secs(60))), secs(10));
        assert_eq!(total(secs(10), Some(ms(5))), ms(5));
    }
}
