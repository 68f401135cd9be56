//! The few pages for people: what this is, and what an error code means.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, Uri, header};

use super::answer::Path;
use super::console;
use crate::problem::{Answer, Code, Problem};

const ROOT: &str = "Ondol: business transactions over many services, all done, or undone.\n\n\
    POST /v1/sagas          submit a saga\n\
    GET  /v1/sagas          list them\n\
    GET  /v1/status         how this server is\n\
    GET  /v1/openapi.json   every address\n\
    GET  /docs/codes/CODE   what an error code means\n";

/// The console for browsers; for programs, what this is.
pub(super) async fn root(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    console::answer(&method, &uri, &headers).unwrap_or_else(|| text("text/plain; charset=utf-8", ROOT))
}

/// What an error code means.
pub(super) async fn code(Path(code): Path<String>) -> Answer<Response> {
    let unknown = || Problem::new(Code::NotFound, format!("there is no error code `{code}`"));
    let code = Code::find(&code).ok_or_else(unknown)?;
    Ok(text("text/markdown; charset=utf-8", code.page()))
}

fn text(content_type: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type)], text).into_response()
}
