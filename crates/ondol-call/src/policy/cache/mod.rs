//! Which answers may be kept, and for how long: the part of RFC 9111 that a shared cache in front of services needs.
//! Where that standard permits more, this keeps less: no guessed freshness, no revalidation, no `Expires`.
//!
//! It is not the storage, nor single flight.

mod control;
mod keep;

use http::{HeaderMap, Method, header};

use control::{says, words};
pub use keep::{Kept, NotKept, keep};

/// Which kept answers a request may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Any.
    Any,
    /// Those whose callee says `public`: it carries credentials, and the answer to somebody else's would be wrong.
    PublicOnly,
}

/// Why a request is given no kept answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotLookedUp {
    /// Only reads.
    #[error("only GET and HEAD are cached")]
    NotRead,
    /// The client wants a new answer, or none kept.
    #[error("the request says {0}")]
    Asked(&'static str),
    /// It asks for a part, or for a comparison with what the client has.
    #[error("the request is partial or conditional")]
    Conditional,
}

/// Headers that make a request partial or conditional (RFC 9110 §13.1, §14.2): passed on as they are.
const CONDITIONAL: [header::HeaderName; 6] = [
    header::RANGE,
    header::IF_RANGE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
];

/// Whether a request may be given a kept answer, and which. If not, its answer is not kept either.
pub fn lookup(method: &Method, request: &HeaderMap) -> Result<Lookup, NotLookedUp> {
    if *method != Method::GET && *method != Method::HEAD {
        return Err(NotLookedUp::NotRead);
    }
    for word in ["no-store", "no-cache", "max-age=0"] {
        if says(request, word) {
            return Err(NotLookedUp::Asked(word));
        }
    }
    if !request.contains_key(header::CACHE_CONTROL)
        && words(request, header::PRAGMA).any(|word| word == "no-cache")
    {
        return Err(NotLookedUp::Asked("no-cache"));
    }
    if CONDITIONAL.iter().any(|name| request.contains_key(name)) {
        return Err(NotLookedUp::Conditional);
    }
    let credentials = request.contains_key(header::AUTHORIZATION) || request.contains_key(header::COOKIE);
    Ok(if credentials { Lookup::PublicOnly } else { Lookup::Any })
}

/// What two requests have in common that may share an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// An answer to HEAD has no body, and must not be given to GET.
    head: bool,
    service: String,
    path_and_query: String,
    /// The one header that an answer may vary by, as sorted words.
    encodings: Vec<String>,
}

/// The key of a request that [`lookup`] lets through. `path_and_query` counts as it is written: services may tell
/// apart what RFC 3986 would not.
pub fn key(service: &str, method: &Method, path_and_query: &str, request: &HeaderMap) -> Key {
    let mut encodings: Vec<_> = words(request, header::ACCEPT_ENCODING).collect();
    encodings.sort_unstable();
    encodings.dedup();
    Key {
        head: *method == Method::HEAD,
        service: service.to_owned(),
        path_and_query: path_and_query.to_owned(),
        encodings,
    }
}

#[cfg(test)]
mod tests;
