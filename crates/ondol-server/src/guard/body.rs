//! Bodies: read whole within bounds, then read as JSON.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use serde::Deserialize;

use crate::problem::{Answer, Code, Problem};

/// Bytes of a body.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// Bytes read of a body that is over the bound, so that a client that only listens once it has sent everything sees why.
const DISCARDED_BYTES_MAX: usize = 4 << 20;

/// Time for the whole body.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// Nesting of JSON: what serde_json, and with it most readers, can read.
const DEPTH_MAX: usize = 127;

/// Reads the whole body.
pub(crate) async fn read(body: Body) -> Answer<Bytes> {
    let late =
        || Problem::new(Code::BodyTimeout, format!("the body took more than {} s", BODY_WITHIN.as_secs()));
    tokio::time::timeout(BODY_WITHIN, collect(body)).await.unwrap_or_else(|_| Err(late()))
}

async fn collect(mut body: Body) -> Answer<Bytes> {
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|error| Problem::new(Code::BadRequest, format!("the body broke off: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length > DISCARDED_BYTES_MAX {
            break;
        }
        if length > BODY_BYTES_MAX {
            continue;
        }
        // One piece, the usual case, is not copied.
        if first.is_empty() && joined.is_empty() {
            first = data;
        } else {
            joined.extend_from_slice(&std::mem::take(&mut first));
            joined.extend_from_slice(&data);
        }
    }
    if length > BODY_BYTES_MAX {
        let detail = format!(
            "the body has more than {BODY_BYTES_MAX} bytes; keep large data in a service and send a reference"
        );
        return Err(Problem::new(Code::BodyTooLarge, detail));
    }
    Ok(if joined.is_empty() { first } else { joined.freeze() })
}

/// Reads JSON.
pub(crate) fn json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Answer<T> {
    if depth(body) > DEPTH_MAX {
        let detail = format!("the JSON is nested deeper than {DEPTH_MAX}; flatten it");
        return Err(Problem::new(Code::TooDeep, detail));
    }
    let read = serde_json::from_slice(body).map_err(|error| {
        Problem::new(Code::BadRequest, format!("reading the body: {error}; see /v1/openapi.json"))
    })?;
    match std::str::from_utf8(body).ok().and_then(ondol_call::endless_number) {
        None => Ok(read),
        Some(number) => {
            let detail = format!("the number {number} is larger than JSON readers can hold; send it as text");
            Err(Problem::new(Code::BadRequest, detail))
        }
    }
}

/// Reads JSON; an empty body is the default.
pub(crate) fn json_or_default<'a, T: Deserialize<'a> + Default>(body: &'a [u8]) -> Answer<T> {
    if body.is_empty() { Ok(T::default()) } else { json(body) }
}

/// The deepest nesting of brackets outside texts. Exact for JSON; for anything else the parser speaks next.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn json_is_read_within_bounds() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        #[rustfmt::skip]
        let table = [
            (r#"{"a":[1,{"b":"]]]"}]}"#.to_owned(), None),
            (nested(127),                           None),
            (nested(128),                           Some(Code::TooDeep)),
            (nested(400_000),                       Some(Code::TooDeep)),
            (r#""[[[\"[[""#.to_owned(),             None),
            ("{".to_owned(),                        Some(Code::BadRequest)),
            (r#"{"a":1e999}"#.to_owned(),           Some(Code::BadRequest)),
            (r#"{"a":"1e999"}"#.to_owned(),         None),
            (String::new(),                         Some(Code::BadRequest)),
        ];
        for (text, expected) in table {
            let got = json::<&RawValue>(text.as_bytes()).err().map(|problem| problem.code());
            assert_eq!(got, expected, "{}", &text[..text.len().min(40)]);
        }
    }

    #[tokio::test]
    async fn a_body_is_bounded() {
        for (length, expected) in
            [(0, None), (BODY_BYTES_MAX, None), (BODY_BYTES_MAX + 1, Some(Code::BodyTooLarge))]
        {
            let got = read(Body::from(vec![b' '; length])).await;
            assert_eq!(got.as_ref().err().map(Problem::code), expected);
            if let Ok(bytes) = got {
                assert_eq!(bytes.len(), length);
            }
        }
    }
}
