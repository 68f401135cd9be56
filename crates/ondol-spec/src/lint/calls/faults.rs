//! Rules of injected faults: allowed, and each one fault.

use super::within::{ms, share};
use crate::bounds::CALL_TIMEOUT_MS_MAX;
use crate::calls::{FaultEffect, FaultRule};
use crate::finding::{Code, Fault};
use crate::model::{self, FaultKind, Protocol};
use crate::place::Faults;
use crate::share::Share;

/// Compiles `faults`.
pub(crate) fn rules(
    service: &model::Service,
    protocol: Protocol,
    allowed: bool,
    faults: &mut Faults,
) -> Vec<FaultRule> {
    let Some(given) = &service.faults else { return Vec::new() };
    if !allowed {
        let message = "the service has `faults`, and the system does not say `allow_faults: true`";
        let fix = "remove `faults`, or write `allow_faults: true` at the top of a file that is for tests";
        faults.add_at_key("faults", Fault::new(Code::FaultsNotAllowed, message, fix));
    }
    faults.key("faults", |faults| {
        let rules = given.iter().enumerate();
        rules.filter_map(|(at, given)| faults.index(at, |faults| rule(given, protocol, faults))).collect()
    })
}

fn rule(given: &model::FaultRule, protocol: Protocol, faults: &mut Faults) -> Option<FaultRule> {
    let part = share("share", given.share, &(Share::percent(0)..=Share::ALL), faults);
    let delay = 0..=CALL_TIMEOUT_MS_MAX;
    let latency_ms = ms("latency", given.latency, &delay, faults).unwrap_or_default();
    let jitter_ms = ms("jitter", given.jitter, &delay, faults).unwrap_or_default();
    let effect = faults.take(effect(given, protocol))?;
    if effect == FaultEffect::Delay && latency_ms == 0 && jitter_ms == 0 {
        let fix = "write one of `latency`, `jitter`, `status`, `kind` and `lose_answer`";
        faults.add(Fault::new(Code::BadFault, "the rule does nothing", fix));
    }
    let share = part.unwrap_or(Share::ALL);
    Some(FaultRule { share, latency_ms, jitter_ms, effect, seed: given.seed.unwrap_or_default() })
}

fn effect(given: &model::FaultRule, protocol: Protocol) -> Result<FaultEffect, Fault> {
    let bad = |message: &str, fix: &str| Err(Fault::new(Code::BadFault, message, fix));
    let effect = match (given.status, given.kind, given.lose_answer) {
        (None, None, false) => FaultEffect::Delay,
        (Some(status), None, false) => FaultEffect::Status(status),
        (None, None, true) => FaultEffect::LoseAnswer,
        (None, Some(kind), false) => broken(kind, given.at_byte.unwrap_or_default()),
        _ => return bad("it has several of `status`, `kind` and `lose_answer`", "make several rules of it"),
    };
    let http2 = matches!(effect, FaultEffect::Goaway | FaultEffect::RefusedStream);
    if http2 && protocol != Protocol::Http2 {
        return bad("only HTTP/2 has this fault", "choose another `kind`, or write `protocol: http2`");
    }
    if given.at_byte.is_some() && (http2 || given.kind.is_none()) {
        let message = "`at_byte` has no meaning here";
        return bad(message, "remove it; it belongs to reset, stall, half_close and wrong_length");
    }
    Ok(effect)
}

const fn broken(kind: FaultKind, at_byte: u32) -> FaultEffect {
    match kind {
        FaultKind::Reset => FaultEffect::Reset { at_byte },
        FaultKind::Stall => FaultEffect::Stall { at_byte },
        FaultKind::HalfClose => FaultEffect::HalfClose { at_byte },
        FaultKind::WrongLength => FaultEffect::WrongLength { at_byte },
        FaultKind::Goaway => FaultEffect::Goaway,
        FaultKind::RefusedStream => FaultEffect::RefusedStream,
    }
}
