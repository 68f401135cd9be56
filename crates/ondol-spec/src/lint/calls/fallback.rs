//! Fallbacks: one answer, and a constant one is constant.

use super::within::ms;
use crate::bounds::calls::{CACHE_MS_MAX, STATIC_BODY_BYTES_MAX};
use crate::calls::Fallback;
use crate::finding::{Code, Fault};
use crate::model;
use crate::place::Faults;
use crate::template::OPEN;

/// Compiles a fallback. Whether its alternate exists is looked at when all services are known.
pub(super) fn compile(given: &model::Fallback, faults: &mut Faults) -> Option<Fallback> {
    let model::Fallback { fixed, cached, alternate, shares_keys } = given;
    if *shares_keys && alternate.is_none() {
        let message = "`shares_keys` stands without `alternate`";
        faults
            .add_in("shares_keys", Fault::new(Code::BadFallback, message, "remove it, or name an alternate"));
    }
    match (fixed, cached, alternate) {
        (Some(answer), None, None) => faults.key("static", |faults| constant(answer, faults)),
        (None, Some(age), None) => {
            let age_ms_max = ms("cached", Some(*age), &(1..=CACHE_MS_MAX), faults)?;
            Some(Fallback::Cached { age_ms_max })
        }
        (None, None, Some(service)) => {
            Some(Fallback::Alternate { service: service.clone(), shares_keys: *shares_keys })
        }
        _ => {
            let said = [fixed.is_some(), cached.is_some(), alternate.is_some()];
            let count = said.into_iter().filter(|said| *said).count();
            let message = format!("it has {count} of `static`, `cached` and `alternate`");
            let fix = "write one: { static: { status: 200 } }, { cached: 5m } or { alternate: a-service }";
            faults.add(Fault::new(Code::BadFallback, message, fix));
            None
        }
    }
}

fn constant(answer: &model::StaticAnswer, faults: &mut Faults) -> Option<Fallback> {
    let body = answer.body.as_ref().map(|body| body.0.get());
    let checked = body.map_or(Ok(()), |body| body_is_constant(answer.status, body));
    faults.key("body", |faults| faults.take(checked))?;
    Some(Fallback::Static { status: answer.status, body: body.map(Into::into) })
}

fn body_is_constant(status: u16, body: &str) -> Result<(), Fault> {
    let bytes = body.len();
    if bytes > STATIC_BODY_BYTES_MAX {
        let message = format!("the body has {bytes} bytes; at most {STATIC_BODY_BYTES_MAX} are allowed");
        return Err(Fault::new(Code::OutOfBounds, message, "let a service answer: `alternate`"));
    }
    if body.contains(OPEN) {
        let message = "the body has an expression in it, and nothing would evaluate it";
        let fix = "write the value out, or let a service answer: `alternate`";
        return Err(Fault::new(Code::TemplateNotHere, message, fix).pointing_at(OPEN));
    }
    if matches!(status, 204 | 205 | 304) {
        let message = format!("an answer with status {status} has no body (RFC 9110 §15)");
        return Err(Fault::new(Code::BadFallback, message, "remove the body, or write `status: 200`"));
    }
    Ok(())
}
