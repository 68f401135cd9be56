//! Parameters that no address takes: refused in one place, by what the description says each takes.
//!
//! A parameter that is not understood would otherwise be passed over, and `?dry_run=true` at the wrong address would act.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Query, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Method;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, RefOr};

use crate::problem::{Answer, Code, Problem};

/// The parameters of each operation, by path and method.
pub(super) struct Known(HashMap<String, Vec<(Method, Vec<String>)>>);

impl Known {
    /// Those that the description names.
    pub(super) fn of(openapi: &OpenApi) -> Self {
        let paths = openapi.paths.paths.iter().map(|(path, item)| {
            let operations = [
                (Method::GET, &item.get),
                (Method::PUT, &item.put),
                (Method::POST, &item.post),
                (Method::DELETE, &item.delete),
            ];
            let named = operations
                .into_iter()
                .filter_map(|(method, operation)| Some((method, names(operation.as_ref()?))));
            (path.clone(), named.collect())
        });
        Self(paths.collect())
    }

    /// Are all parameters of a request known? What is not described takes care of itself.
    fn check(&self, request: &Request) -> Answer<()> {
        let Some(path) = request.extensions().get::<MatchedPath>() else { return Ok(()) };
        // What answers GET answers HEAD.
        let method = if *request.method() == Method::HEAD { &Method::GET } else { request.method() };
        let operations = self.0.get(path.as_str()).into_iter().flatten();
        let Some(known) = operations.filter(|(of, _)| of == method).map(|(_, names)| names).next() else {
            return Ok(());
        };
        let Ok(Query(given)) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()) else {
            return Err(Problem::new(Code::BadRequest, "the parameters of the address cannot be read"));
        };
        let Some((unknown, _)) = given.iter().find(|(name, _)| !known.contains(name)) else { return Ok(()) };
        let takes = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let detail = format!(
            "{method} {} has no parameter `{unknown}`; it takes {takes}; see /v1/openapi.json",
            path.as_str()
        );
        Err(Problem::new(Code::BadRequest, detail))
    }
}

fn names(operation: &Operation) -> Vec<String> {
    let all = operation.parameters.iter().flatten();
    let own = all.filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    let asked = own.filter(|parameter| matches!(parameter.parameter_in, ParameterIn::Query));
    asked.map(|parameter| parameter.name.clone()).collect()
}

/// Lets a request through, or says which parameter is unknown.
pub(super) async fn check(State(known): State<Arc<Known>>, request: Request, next: Next) -> Response {
    match known.check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}
