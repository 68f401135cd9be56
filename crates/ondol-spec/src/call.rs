//! What one half calls: method, path, query, headers and body, compiled.

use std::fmt;

use crate::bounds::FIELDS_MAX;
use crate::expression::{Expression, Place, Visible};
use crate::finding::{Code, Fault, quoted, suggest};
use crate::pinned;
use crate::place::Faults;
use crate::template::{Json, OPEN, Part, Text};

/// How a service is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Read.
    Get,
    /// Create or do.
    Post,
    /// Create or replace.
    Put,
    /// Change.
    Patch,
    /// Remove.
    Delete,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// As HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The body that is sent where the file gives none: `{}` where a body is expected, nothing elsewhere.
    #[must_use]
    pub const fn default_body(self) -> &'static [u8] {
        match self {
            Self::Post | Self::Put | Self::Patch => b"{}",
            Self::Get | Self::Delete => b"",
        }
    }

    fn parse(text: &str) -> Result<Self, Fault> {
        Self::ALL.into_iter().find(|method| method.as_str() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str);
            let message = format!("{} is not a method that can be called", quoted(text));
            Fault::new(Code::BadMethod, message, suggest(&text.to_ascii_uppercase(), &names, "method"))
                .pointing_at(text)
        })
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One half, compiled.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) service: String,
    pub(crate) method: Method,
    pub(crate) path: Text,
    written_path: Box<str>,
    pub(crate) query: Vec<(String, Text)>,
    pub(crate) headers: Vec<(String, Text)>,
    pub(crate) body: Option<Json>,
    accept: Vec<u16>,
    retry_on: Vec<u16>,
    timeout_ms: Option<u64>,
}

impl Call {
    /// The service's name.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// The path with a name in braces for each value, such as `/flights/{flight}`: the same for every run
    /// (`url.template` of OpenTelemetry's semantic conventions).
    #[must_use]
    pub fn path_template(&self) -> String {
        let mut template = String::new();
        for part in &self.path.parts {
            match part {
                Part::Literal(text) => template.push_str(text),
                Part::Value(value) => template.extend(["{", value.name(), "}"]),
            }
        }
        template
    }

    /// The path as it stands in the file, with its `${{ }}`.
    #[must_use]
    pub fn written_path(&self) -> &str {
        &self.written_path
    }

    /// Refusals that count as done; only compensations have any.
    #[must_use]
    pub fn accept(&self) -> &[u16] {
        &self.accept
    }

    /// Answers that are tried again although they look final.
    #[must_use]
    pub fn retry_on(&self) -> &[u16] {
        &self.retry_on
    }

    /// The response timeout of one attempt in milliseconds, instead of the service's.
    #[must_use]
    pub const fn timeout_ms(&self) -> Option<u64> {
        self.timeout_ms
    }

    /// Every expression in it.
    pub(crate) fn expressions(&self) -> Vec<&Expression> {
        let fields = self.query.iter().chain(&self.headers).map(|(_, text)| text);
        let mut found: Vec<_> =
            std::iter::once(&self.path).chain(fields).flat_map(Text::expressions).collect();
        if let Some(body) = &self.body {
            body.expressions(&mut found);
        }
        found
    }

    /// The secrets in its headers.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().flat_map(|(_, text)| secrets(text))
    }
}

/// The secrets that a text inserts.
pub(crate) fn secrets(text: &Text) -> impl Iterator<Item = &str> {
    text.parts.iter().filter_map(|part| match part {
        Part::Value(value) => value.secret(),
        Part::Literal(_) => None,
    })
}

/// Splits `service METHOD /path`.
pub(crate) fn split(line: &str) -> Result<(&str, &str, &str), Fault> {
    let shape = || {
        let message = format!("{} is not `service METHOD /path`", quoted(line));
        Fault::new(Code::BadCall, message, "write it like `flight POST /seats/hold`")
    };
    let (service, rest) = line.trim().split_once(char::is_whitespace).ok_or_else(shape)?;
    let (method, path) = rest.trim_start().split_once(char::is_whitespace).ok_or_else(shape)?;
    let path = path.trim_start();
    if [service, method].iter().any(|word| word.contains(OPEN)) {
        let message = "an expression can neither name the service nor the method";
        let fix = "write service and method out; use two steps with `if` to choose between two calls";
        return Err(Fault::new(Code::TemplateNotHere, message, fix));
    }
    Ok((service, method, path))
}

/// Compiles one half. Faults are added where `faults` stands, which is the half.
pub(crate) fn compile(call: &pinned::Call, visible: &Visible<'_>, faults: &mut Faults) -> Option<Call> {
    let method = faults.key("call", |faults| faults.take(Method::parse(&call.method)));
    let path = faults.key("call", |faults| faults.take(path(&call.path, visible)));
    let query = faults.key("query", |faults| {
        bounded(call.query.len(), "query parameters", faults);
        let compile = |(name, source): (&String, &String)| {
            let text = faults.key(name, |faults| faults.take(Text::compile(source, visible)));
            text.map(|text| (name.clone(), text))
        };
        call.query.iter().filter_map(compile).collect()
    });
    let headers = faults.key("headers", |faults| headers(&call.headers, visible, Place::Header, faults));
    let body = call
        .body
        .as_ref()
        .map(|body| faults.key("body", |faults| Json::compile(body.0.get(), visible, faults)));
    if method == Some(Method::Get) && body.is_some() {
        let fix = "use POST, or move the values into `query`";
        faults.add_in("body", Fault::new(Code::BodyNotAllowed, "a GET request has no body", fix));
    }
    Some(Call {
        service: call.service.clone(),
        method: method?,
        path: path?,
        written_path: call.path.as_str().into(),
        query,
        headers,
        body,
        accept: call.accept.clone(),
        retry_on: call.retry_on.clone(),
        timeout_ms: call.timeout_ms,
    })
}

fn bounded(count: usize, what: &str, faults: &mut Faults) {
    if count > FIELDS_MAX {
        let message = format!("there are {count} {what}; at most {FIELDS_MAX} are sent");
        faults.add(Fault::new(Code::OutOfBounds, message, "send the values in the body"));
    }
}

/// Compiles headers; their names are in lower case already where they come from a stored definition.
pub(crate) fn headers<'a>(
    headers: impl IntoIterator<Item = (&'a String, &'a String), IntoIter: ExactSizeIterator>,
    visible: &Visible<'_>,
    place: Place,
    faults: &mut Faults,
) -> Vec<(String, Text)> {
    let headers = headers.into_iter();
    bounded(headers.len(), "headers", faults);
    let visible = Visible { place, ..*visible };
    let compile = |(name, source): (&String, &String)| {
        if let Err(fault) = header_name(name) {
            faults.add_at_key(name, fault);
        }
        let text = faults.key(name, |faults| {
            faults.take(header_value(source).and_then(|()| Text::compile(source, &visible)))
        });
        text.map(|text| (name.to_ascii_lowercase(), text))
    };
    headers.filter_map(compile).collect()
}

/// Headers that Ondol sets, or that the connection needs for itself.
const RESERVED: [&str; 12] = [
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "idempotency-key",
    "keep-alive",
    "te",
    "trailer",
    "traceparent",
    "transfer-encoding",
    "upgrade",
];

fn header_name(name: &str) -> Result<(), Fault> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(token) {
        let message = format!("{} is not the name of a header", quoted(name));
        return Err(Fault::new(Code::BadHeader, message, "use letters, digits and hyphens"));
    }
    let lower = name.to_ascii_lowercase();
    if RESERVED.contains(&lower.as_str()) || lower.starts_with("ondol-") {
        let message = format!("the header {} is set by Ondol itself", quoted(name));
        return Err(Fault::new(Code::ReservedHeader, message, "remove it, or choose another name"));
    }
    Ok(())
}

/// Control characters would end the header and begin another.
pub(crate) fn header_value(value: &str) -> Result<(), Fault> {
    if value.chars().any(|c| c.is_control() && c != '\t') {
        let message = "the value of a header has a line break or another control character";
        return Err(Fault::new(Code::BadHeader, message, "write it on one line"));
    }
    Ok(())
}

/// A path of RFC 3986 §3.3 with expressions in it: absolute, without query, without `.` and `..`.
fn path(source: &str, visible: &Visible<'_>) -> Result<Text, Fault> {
    let text = Text::compile(source, visible)?;
    let shape = |part: &Part| match part {
        Part::Literal(literal) => literal.to_string(),
        // Stands for some value, which is never empty, `.` or `..`.
        Part::Value(_) => "v".to_owned(),
    };
    let shape: String = text.parts.iter().map(shape).collect();
    crate::path::check(source, &shape, "move what follows the `?` into `query:`")?;
    Ok(text)
}
