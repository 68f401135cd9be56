//! What every operation may answer besides what it says of itself.

use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response, ResponseBuilder};

/// The description with the one answer that stands for every refusal: each is a problem (RFC 9457), whichever status it has.
/// An operation names only those that a client of it must tell apart.
pub(super) fn whole(mut openapi: OpenApi) -> OpenApi {
    for item in openapi.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), RefOr::T(refusal()));
        }
    }
    openapi
}

fn refusal() -> Response {
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new()
        .description("Refused, or failed: a problem with a stable `code`.")
        .content("application/problem+json", problem)
        .build()
}
