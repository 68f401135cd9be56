//! The system file.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer::json;
use crate::app::Shared;
use crate::guard::body;
use crate::problem::{Answer, Code, Problem};
use crate::system::Origin;
use crate::wire::system::{DefinitionVersion, FindingView, SystemPut, SystemView};

/// Makes a system live.
///
/// A changed definition becomes a new version; sagas that are under way stay with theirs. A file with errors changes
/// nothing.
#[utoipa::path(
    put, path = "/v1/system", tag = "system",
    request_body(content = String, content_type = "application/yaml", description = "The system file, YAML or JSON."),
    responses(
        (status = 200, description = "It is live.", body = SystemPut),
        (status = 409, description = "`service_in_use`: unfinished sagas call a service or use a secret that is missing; `sagas` lists them.", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`system_invalid`: see `findings`.", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn put(State(app): State<Shared>, body: Body) -> Answer<Response> {
    let bytes = body::read(body).await?;
    let source = std::str::from_utf8(&bytes)
        .map_err(|error| Problem::new(Code::BadRequest, format!("the system file is not UTF-8: {error}")))?;
    let versions =
        app.systems.change(source, Origin::Put, (&app.engine, &app.listing, &app.outbound)).await?;
    let definition =
        |(name, version): (std::sync::Arc<str>, u32)| DefinitionVersion { name: name.to_string(), version };
    let put = SystemPut {
        definitions: versions.into_iter().map(definition).collect(),
        findings: app.systems.live().warnings.iter().map(FindingView::from).collect(),
        holds: if app.systems.has_config() {
            "It holds until the server reads its --config again: on SIGHUP, or when it starts."
        } else {
            "It holds until another one is sent, also after a restart."
        },
    };
    Ok(json(StatusCode::OK, &put))
}

/// The system that is live. Values of secrets and of headers are never shown.
#[utoipa::path(
    get, path = "/v1/system", tag = "system",
    responses((status = 200, description = "The system.", body = SystemView))
)]
pub(super) async fn get(State(app): State<Shared>) -> Response {
    json(StatusCode::OK, &SystemView::new(&app.systems.live()))
}
