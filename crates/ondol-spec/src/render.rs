//! A definition and a scope make a request, an answer to a condition, or an output. The same scope, the same bytes.

use std::fmt::{self, Write as _};

use ondol_core::{Half, StepId};
use sha2::{Digest as _, Sha256};

use crate::bounds::{HEADER_BYTES_MAX, PATH_BYTES_MAX};
use crate::call::{self, Call, Method};
use crate::definition::Definition;
use crate::expression::{Scope, as_text};
use crate::node::{Segment, path_text};
use crate::system::Secrets;
use crate::template::{Part, Text, encode};

/// A request, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered<'d> {
    /// The service's name.
    pub service: &'d str,
    /// The method.
    pub method: Method,
    /// The path with its query, encoded (RFC 3986).
    pub path_and_query: String,
    /// The headers that the call declares, names in lower case, secrets inserted; and `content-type` where there is a
    /// body. Not shown by `Debug`.
    pub headers: Vec<(String, String)>,
    /// JSON, or nothing.
    pub body: Vec<u8>,
    /// The first half of a SHA-256 over everything but the values of secrets and `content-type`.
    pub digest: u128,
}

impl fmt::Debug for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Rendered")
            .field("service", &self.service)
            .field("method", &self.method)
            .field("path_and_query", &self.path_and_query)
            .field("headers", &names)
            .field("body", &String::from_utf8_lossy(&self.body))
            .field("digest", &format_args!("{:032x}", self.digest))
            .finish()
    }
}

/// An expression has no value, or one that cannot be used where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct ExpressionError {
    /// The way to the expression in the file: `sagas.book-flight.steps[1].action.body.user`.
    pub place: String,
    /// What is missing or wrong, and what there is instead.
    pub message: String,
}

/// What is wrong, and the way to it from the saga.
type Failure = (Vec<Segment>, String);

fn key(key: &str) -> Segment {
    Segment::Key(key.to_owned())
}

impl Definition {
    /// The request of a half.
    ///
    /// # Errors
    ///
    /// An expression of it has no value in this scope, a secret has no value, or the step has no such half.
    pub fn request(
        &self,
        step: StepId,
        half: Half,
        scope: &Scope<'_>,
        secrets: &Secrets,
    ) -> Result<Rendered<'_>, ExpressionError> {
        let half_name = match half {
            Half::Action => "action",
            Half::Compensation => "compensate",
        };
        let way = |inner: Vec<Segment>| {
            let mut way = vec![key("steps"), Segment::Index(usize::from(step)), key(half_name)];
            way.extend(inner);
            way
        };
        let call = self.call(step, half);
        let missing = || (Vec::new(), "the step has no such half".to_owned());
        let rendered = call.ok_or_else(missing).and_then(|call| request(call, scope, secrets));
        rendered.map_err(|(inner, message)| self.error(way(inner), message))
    }

    /// Does the step happen? True for a step without a condition.
    ///
    /// # Errors
    ///
    /// The condition has no value in this scope, or one that is neither true nor false.
    pub fn condition(&self, step: StepId, scope: &Scope<'_>) -> Result<bool, ExpressionError> {
        let Some(condition) = self.steps.get(usize::from(step)).and_then(|step| step.condition.as_ref())
        else {
            return Ok(true);
        };
        let value = condition.evaluate(scope).and_then(|value| match &*value {
            "true" => Ok(true),
            "false" => Ok(false),
            other => {
                Err(format!("the condition is {}, neither true nor false", crate::finding::quoted(other)))
            }
        });
        let way = || vec![key("steps"), Segment::Index(usize::from(step)), key("if")];
        value.map_err(|message| self.error(way(), message))
    }

    /// What the saga answers when it is completed, JSON; `null` where the file says nothing.
    ///
    /// # Errors
    ///
    /// An expression of it has no value in this scope.
    pub fn output(&self, scope: &Scope<'_>) -> Result<Vec<u8>, ExpressionError> {
        let Some(output) = &self.output else { return Ok(b"null".to_vec()) };
        output.render(scope).map_err(|(inner, message)| {
            let mut way = vec![key("output")];
            way.extend(inner);
            self.error(way, message)
        })
    }

    fn error(&self, way: Vec<Segment>, message: String) -> ExpressionError {
        let mut path = vec![key("sagas"), key(&self.name)];
        path.extend(way);
        ExpressionError { place: path_text(&path), message }
    }
}

fn request<'d>(call: &'d Call, scope: &Scope<'_>, secrets: &Secrets) -> Result<Rendered<'d>, Failure> {
    let mut path_and_query = call.path.render_path(scope).map_err(|message| (vec![key("call")], message))?;
    for (at, (name, text)) in call.query.iter().enumerate() {
        let value = text.render_query(scope).map_err(|message| (vec![key("query"), key(name)], message))?;
        path_and_query.push(if at == 0 { '?' } else { '&' });
        path_and_query.push_str(&encode(name));
        path_and_query.push('=');
        path_and_query.push_str(&value);
    }
    if path_and_query.len() > PATH_BYTES_MAX {
        let bytes = path_and_query.len();
        let message = format!("path and query have {bytes} bytes; at most {PATH_BYTES_MAX} are sent");
        return Err((vec![key("query")], message));
    }
    let body = match &call.body {
        None => call.method.default_body().to_vec(),
        Some(body) => body.render(scope).map_err(|(inner, message)| {
            let mut way = vec![key("body")];
            way.extend(inner);
            (way, message)
        })?,
    };
    let mut digest = Digest::default();
    for part in [&call.service, call.method.as_str(), &path_and_query] {
        digest.part(part.as_bytes());
    }
    let mut headers = Vec::with_capacity(call.headers.len() + 1);
    for (name, text) in &call.headers {
        let rendered = header(text, scope, secrets);
        let (shown, sent) = rendered.map_err(|message| (vec![key("headers"), key(name)], message))?;
        digest.part(name.as_bytes());
        digest.part(shown.as_bytes());
        headers.push((name.clone(), sent));
    }
    digest.part(&body);
    if !body.is_empty() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let digest = digest.finish();
    Ok(Rendered { service: &call.service, method: call.method, path_and_query, headers, body, digest })
}

/// A header's value as it may be stored (secrets by name) and as it is sent.
fn header(text: &Text, scope: &Scope<'_>, secrets: &Secrets) -> Result<(String, String), String> {
    let (mut shown, mut sent) = (String::new(), String::new());
    for part in &text.parts {
        match part {
            Part::Literal(literal) => {
                shown.push_str(literal);
                sent.push_str(literal);
            }
            Part::Value(value) => {
                if let Some(name) = value.secret() {
                    let missing =
                        || format!("the secret `{name}` has no value; set it, or give it a default");
                    write!(shown, "${{{{ secrets.{name} }}}}").expect("writing to a string cannot fail");
                    sent.push_str(secrets.get(name).ok_or_else(missing)?);
                } else {
                    let value = value.evaluate(scope)?;
                    let value = as_text(value)?;
                    shown.push_str(&value);
                    sent.push_str(&value);
                }
            }
        }
    }
    call::header_value(&sent).map_err(|fault| fault.message)?;
    if sent.len() > HEADER_BYTES_MAX {
        return Err(format!("the header has {} bytes; at most {HEADER_BYTES_MAX} are sent", sent.len()));
    }
    Ok((shown, sent))
}

/// SHA-256 over parts, each behind its length, so that no two lists of parts are the same bytes.
#[derive(Default)]
struct Digest(Sha256);

impl Digest {
    fn part(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    fn finish(self) -> u128 {
        let hash: [u8; 32] = self.0.finalize().into();
        let (first, _) = hash.split_at(16);
        first.iter().fold(0, |number, byte| (number << 8) | u128::from(*byte))
    }
}
