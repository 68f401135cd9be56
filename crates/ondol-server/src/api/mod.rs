//! The routes. Each handler reads its request, asks the engine or the lists, and answers; it decides nothing.
//!
//! Router and OpenAPI come from the same declarations, so neither can have a route that the other has not.

mod act;
mod answer;
mod audit;
mod batches;
mod calls;
mod changes;
pub(crate) mod console;
mod cursor;
mod definitions;
mod description;
mod dry_run;
mod events;
mod feed;
mod figures;
mod health;
mod list;
mod pages;
mod params;
mod saga;
mod status;
mod stream;
mod submit;
mod system;
pub(crate) mod telemetry;
mod why;

pub(crate) use answer::missing;
pub(crate) use telemetry::ask::ask;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::guard::guard;
use crate::problem::{Code, Problem};
use crate::wire;

/// What the routes do not say of themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ondol",
        description = "Business transactions over many services: all done, or undone. Every refusal is an RFC 9457 problem with a stable `code`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(wire::Problem))
)]
struct Api;

/// The whole API, made in a thread of its own: describing it takes 2 MiB for a moment, and the allocator gives back what a
/// thread leaves only when it ends.
pub(crate) fn router(app: Shared) -> Router {
    std::thread::scope(|scope| scope.spawn(|| described(app)).join())
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn described(app: Shared) -> Router {
    let (router, openapi) = routes().split_for_parts();
    let openapi = description::whole(openapi);
    let known = Arc::new(params::Known::of(&openapi));
    let document: Arc<str> = openapi.to_json().expect("the description is plain data").into();
    let openapi = move || std::future::ready(json_text(&document));
    router
        .route("/v1/openapi.json", get(openapi))
        .route("/", get(pages::root))
        .route("/docs/codes/{code}", get(pages::code))
        .fallback(nothing_here)
        .method_not_allowed_fallback(other_method)
        .layer(from_fn_with_state(known, params::check))
        .layer(from_fn_with_state(Arc::clone(&app), guard))
        .with_state(app)
}

fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(submit::submit, list::list))
        .routes(routes!(figures::causes))
        .routes(routes!(figures::figures))
        .routes(routes!(saga::get))
        .routes(routes!(events::of_saga))
        .routes(routes!(act::act))
        .routes(routes!(audit::audit))
        .routes(routes!(batches::begin, batches::list))
        .routes(routes!(batches::get, batches::cancel))
        .routes(routes!(system::put, system::get))
        .routes(routes!(definitions::list))
        .routes(routes!(definitions::newest))
        .routes(routes!(definitions::version))
        .routes(routes!(events::all))
        .routes(routes!(changes::changes))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(status::status))
        .routes(routes!(calls::explain))
        .routes(routes!(telemetry::traces::list))
        .routes(routes!(telemetry::traces::get))
        .routes(routes!(telemetry::traces::comparison))
        .routes(routes!(telemetry::logs::list))
        .routes(routes!(telemetry::logs::histogram))
        .routes(routes!(telemetry::logs::context))
        .routes(routes!(telemetry::tail::tail))
        .routes(routes!(telemetry::templates::list))
        .routes(routes!(telemetry::state::map))
        .routes(routes!(telemetry::state::ledger))
        .routes(routes!(telemetry::state::status))
        .routes(routes!(telemetry::state::flush))
        .routes(routes!(why::why))
}

fn json_text(text: &str) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.to_owned()).into_response()
}

/// A page of the console, or nothing.
async fn nothing_here(method: http::Method, uri: http::Uri, headers: http::HeaderMap) -> Response {
    console::answer(&method, &uri, &headers).unwrap_or_else(|| {
        let detail = format!("there is nothing at {}; /v1/openapi.json lists every address", uri.path());
        Problem::new(Code::NotFound, detail).into_response()
    })
}

async fn other_method(method: http::Method, uri: http::Uri) -> Problem {
    Problem::new(Code::MethodNotAllowed, format!("{} does not take {method}", uri.path()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_description_is_valid_and_whole() {
        let openapi = super::description::whole(super::routes().into_openapi());
        let paths: Vec<&String> = openapi.paths.paths.keys().collect();
        insta::assert_debug_snapshot!(paths);
        let json: serde_json::Value =
            serde_json::from_str(&openapi.to_json().expect("plain data")).expect("JSON");
        assert!(json["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
        let text = json.to_string();
        let references = text.split("\"$ref\":\"#/components/schemas/").skip(1);
        for name in references.filter_map(|rest| rest.split('"').next()) {
            assert!(json["components"]["schemas"][name].is_object(), "the schema {name} is missing");
        }
        let operations =
            json["paths"].as_object().expect("paths").values().filter_map(|path| path.as_object());
        for operation in operations.flat_map(serde_json::Map::values) {
            let described = operation["summary"].is_string() && operation["responses"].is_object();
            assert!(described, "an operation is not described: {operation}");
        }
    }

    /// Whoever has no token gets the console's pages, and nothing else.
    #[test]
    fn nothing_that_needs_a_token_is_the_consoles() {
        let openapi = super::description::whole(super::routes().into_openapi());
        for path in openapi.paths.paths.keys() {
            let open = matches!(path.as_str(), "/healthz" | "/readyz");
            assert!(open || !super::console::owns(path), "{path} would be answered without a token");
        }
    }

    /// The console's client is generated from a file, so that building it needs no server. Where the file is old it is
    /// written anew, and this fails once.
    #[test]
    fn the_consoles_client_is_of_this_api() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../console/openapi.json");
        let openapi = super::description::whole(super::routes().into_openapi());
        let mut now = openapi.to_pretty_json().expect("plain data");
        now.push('\n');
        if std::fs::read_to_string(file).is_ok_and(|kept| kept == now) {
            return;
        }
        std::fs::write(file, now).expect("the console's folder can be written");
        panic!("console/openapi.json was not what the server describes; it is now: look at it and commit it");
    }

    /// Of two schemas of one name the description has one, and says something wrong of the other.
    #[test]
    fn no_two_schemas_have_one_name() {
        let mut seen = std::collections::BTreeSet::new();
        for source in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            for declared in source.split("#[derive(").skip(1) {
                let Some((derived, behind)) = declared.split_once(")]") else { continue };
                if !derived.contains("ToSchema") {
                    continue;
                }
                let (attributes, named) = behind
                    .split_once("struct ")
                    .filter(|(before, _)| !before.contains("enum "))
                    .unwrap_or_else(|| {
                        behind.split_once("enum ").expect("a schema is derived for a struct or an enum")
                    });
                let renamed = attributes.split_once("#[schema(as = ").map(|(_, name)| name);
                let name: String =
                    renamed.unwrap_or(named).chars().take_while(|c| c.is_alphanumeric()).collect();
                // `$name` of a macro stands for several.
                assert!(name.is_empty() || seen.insert(name.clone()), "{name} is the name of two schemas");
            }
        }
        assert!(seen.contains("Step") && seen.contains("LogStep"), "{seen:?}");
    }

    fn sources(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).expect("the sources are there") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                found.extend(sources(&path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(std::fs::read_to_string(&path).expect("a source is text"));
            }
        }
        found
    }
}
