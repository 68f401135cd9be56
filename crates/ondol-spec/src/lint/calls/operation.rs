//! Operations: their pattern, and whether what they set is safe for their method.

use super::settings;
use crate::calls::{CallSettings, Fallback, Operation, Pattern};
use crate::finding::{Code, Fault, quoted, suggest};
use crate::model;
use crate::place::Faults;

/// What an operation may name: the methods of RFC 9110 and RFC 5789 that reach a service, and any of them.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "*"];

/// Methods that change something and may not be repeated (RFC 9110 §9.2.2, RFC 5789 §2).
const NOT_IDEMPOTENT: [&str; 2] = ["POST", "PATCH"];

/// Compiles `operations` of a service that says `under`.
pub(crate) fn compile(service: &model::Service, under: &CallSettings, faults: &mut Faults) -> Vec<Operation> {
    let given = service.operations.as_deref().unwrap_or_default();
    faults.key("operations", |faults| {
        let mut operations: Vec<Operation> = Vec::with_capacity(given.len());
        for (at, given) in given.iter().enumerate() {
            faults.index(at, |faults| {
                let Some(operation) = one(given, under, faults) else { return };
                if let Some(earlier) =
                    operations.iter().find(|earlier| earlier.pattern.covers(&operation.pattern))
                {
                    let message = format!(
                        "every call of `{}` matches the earlier `{}`",
                        operation.pattern, earlier.pattern
                    );
                    let fix = "move it above that one, or remove it";
                    faults.add_in("call", Fault::new(Code::ShadowedOperation, message, fix));
                }
                operations.push(operation);
            });
        }
        operations
    })
}

fn one(given: &model::Operation, under: &CallSettings, faults: &mut Faults) -> Option<Operation> {
    let pattern = faults.key("call", |faults| faults.take(pattern(&given.call)));
    let settings = settings::compile(&given.into(), under, faults);
    let operation = Operation { pattern: pattern?, idempotent: given.idempotent, settings };
    safe(&operation, faults);
    Some(operation)
}

fn pattern(line: &str) -> Result<Pattern, Fault> {
    let bad = |message: String, fix: &str| Err(Fault::new(Code::BadOperation, message, fix));
    let Some((method, path)) = line.trim().split_once(char::is_whitespace) else {
        return bad(format!("{} is not `METHOD /path`", quoted(line)), "write it like `GET /quotes/*`");
    };
    if !METHODS.contains(&method) {
        let message = format!("{} is not the method of an operation", quoted(method));
        let fix = suggest(&method.to_ascii_uppercase(), &METHODS, "method");
        return Err(Fault::new(Code::BadOperation, message, fix).pointing_at(method));
    }
    let path = path.trim_start();
    crate::path::check(path, path, "remove the query; it is not looked at")?;
    let segments = path.split('/').rev();
    if let Some(wrong) = segments.clone().find(|text| text.contains('*') && !matches!(*text, "*" | "**")) {
        let message = format!("{} is no segment of a pattern", quoted(wrong));
        let fix = "`*` stands for a whole segment; write %2A for the character";
        return bad(message, fix);
    }
    if segments.skip(1).any(|text| text == "**") {
        let message = format!("`**` stands in the middle of {}", quoted(path));
        return bad(message, "`**` stands for the rest of a path: move it to the end, or write `*`");
    }
    Ok(Pattern::new(method, path))
}

/// Is what it sets safe for its method? Where a method is not named the caller looks at each call.
fn safe(operation: &Operation, faults: &mut Faults) {
    let Operation { pattern, idempotent, settings } = operation;
    let reads = matches!(pattern.method(), Some("GET" | "HEAD"));
    if settings.hedge.on().is_some() && !reads && !idempotent {
        let message = format!("`{pattern}` is hedged, and may not be safe to send twice");
        let fix = "write GET, or `idempotent: true` if a repeat changes nothing, or remove `hedge`";
        faults.add_at_key("hedge", Fault::new(Code::UnsafeHedge, message, fix));
    }
    if settings.cache.on().is_some() && !reads {
        let message = format!("`{pattern}` has a cache, which is for GET and HEAD");
        faults.add_at_key("cache", Fault::new(Code::UnsafeCache, message, "write GET, or remove `cache`"));
    }
    let writes = pattern.method().is_some_and(|method| NOT_IDEMPOTENT.contains(&method)) && !idempotent;
    let Some(fallback) = settings.fallback.on().filter(|_| writes) else { return };
    let fix = match fallback {
        Fallback::Alternate { shares_keys: true, .. } => return,
        Fallback::Alternate { .. } => {
            "write `shares_keys: true` if the alternate knows the idempotency keys of this service, or remove `fallback`"
        }
        Fallback::Static { .. } | Fallback::Cached { .. } => {
            "remove `fallback`, or write `idempotent: true` if the call changes nothing that matters"
        }
    };
    let message = format!("`{pattern}` is a write, and has a fallback");
    faults.add_at_key("fallback", Fault::new(Code::UnsafeFallback, message, fix));
}
