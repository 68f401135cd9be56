//! Definitions and their versions.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer::{Path, json};
use crate::app::{App, Shared};
use crate::problem::{Answer, Code, Problem};
use crate::wire::system::{DefinitionRow, DefinitionView, Definitions};

/// The definitions there are.
#[utoipa::path(
    get, path = "/v1/definitions", tag = "definitions",
    responses((status = 200, description = "Each with its newest version.", body = Definitions))
)]
pub(super) async fn list(State(app): State<Shared>) -> Response {
    let (registry, live) = (app.engine.definitions(), app.systems.live());
    let newest = registry.iter().filter_map(|(name, versions)| Some((name, versions.last()?)));
    let row = |(name, newest): (&str, &std::sync::Arc<ondol_engine::Blueprint>)| DefinitionRow {
        name: name.to_owned(),
        version: newest.version,
        live: live.system.definitions.contains_key(name),
        steps: newest.definition.plan().steps().len(),
        services: newest.definition.services().into_iter().map(str::to_owned).collect(),
    };
    json(StatusCode::OK, &Definitions { definitions: newest.map(row).collect() })
}

/// The newest version of a definition.
#[utoipa::path(
    get, path = "/v1/definitions/{name}", tag = "definitions",
    params(("name" = String, Path, description = "The definition's name.")),
    responses(
        (status = 200, description = "The definition.", body = DefinitionView),
        (status = 404, description = "`definition_not_found`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn newest(State(app): State<Shared>, Path(name): Path<String>) -> Answer<Response> {
    answer(&app, &name, None)
}

/// One version of a definition.
#[utoipa::path(
    get, path = "/v1/definitions/{name}/versions/{version}", tag = "definitions",
    params(
        ("name" = String, Path, description = "The definition's name."),
        ("version" = u32, Path, description = "Its version, from 1."),
    ),
    responses(
        (status = 200, description = "The definition.", body = DefinitionView),
        (status = 404, description = "`definition_not_found`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn version(
    State(app): State<Shared>,
    Path((name, version)): Path<(String, String)>,
) -> Answer<Response> {
    let bad =
        || Problem::new(Code::BadRequest, format!("{version:?} is no version; versions are numbers from 1"));
    answer(&app, &name, Some(version.parse().map_err(|_| bad())?))
}

fn answer(app: &App, name: &str, version: Option<u32>) -> Answer<Response> {
    let registry = app.engine.definitions();
    let missing = || {
        let version = version.map_or_else(String::new, |version| format!(" version {version}"));
        let detail = format!("there is no definition `{name}`{version}; `GET /v1/definitions` lists them");
        Problem::new(Code::DefinitionNotFound, detail)
    };
    let blueprint = registry.find(name, version).ok_or_else(missing)?;
    let versions = registry.find(name, None).map_or(0, |newest| newest.version as usize);
    Ok(json(StatusCode::OK, &DefinitionView::new(blueprint, versions)))
}
