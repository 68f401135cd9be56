//! What every operation may answer besides what it says of itself, and its name.

use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response, ResponseBuilder};

/// The description with the one answer that stands for every refusal: each is a problem (RFC 9457), whichever status it has.
/// An operation names only those that a client of it must tell apart.
///
/// Its `operationId`, which generated clients make names of, follows from its address: those of the handlers are not unique.
pub(super) fn whole(mut openapi: OpenApi) -> OpenApi {
    for (path, item) in &mut openapi.paths.paths {
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            operation.operation_id = Some(name(method, path));
            operation.responses.responses.insert("default".to_owned(), RefOr::T(refusal()));
        }
    }
    openapi
}

/// `get_sagas_by_id` for `GET /v1/sagas/{id}`.
fn name(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    for part in path.trim_start_matches("/v1").split('/').filter(|part| !part.is_empty()) {
        match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(parameter) => name.extend(["_by_", parameter]),
            None => name.extend(["_", part]),
        }
    }
    name.replace(['.', '-'], "_")
}

fn refusal() -> Response {
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new()
        .description("Refused, or failed: a problem with a stable `code`.")
        .content("application/problem+json", problem)
        .build()
}
