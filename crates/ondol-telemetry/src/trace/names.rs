//! Attributes by their semantic-convention names, today's and those of older SDKs.

use crate::model::Span;

/// What a service answered over HTTP.
pub(super) const HTTP_STATUS: [&str; 2] = ["http.response.status_code", "http.status_code"];
/// What a service answered over gRPC: a number, or its name.
pub(super) const GRPC_STATUS: [&str; 3] =
    ["rpc.grpc.status_code", "rpc.response.status_code", "grpc.status_code"];
/// Who is called, the plainest name first.
pub(super) const PEER: [&str; 9] = [
    "service.peer.name",
    "peer.service",
    "server.address",
    "net.peer.name",
    "net.peer.ip",
    "db.system.name",
    "db.system",
    "messaging.system",
    "rpc.service",
];
/// It is a database that is called; databases have no spans of their own.
pub(super) const DATABASE: [&str; 2] = ["db.system.name", "db.system"];
/// What a database answered.
pub(super) const DATABASE_STATUS: [&str; 1] = ["db.response.status_code"];
/// What kind of error it was.
pub(super) const ERROR_TYPE: [&str; 1] = ["error.type"];
/// OpenTracing's mark of an error.
pub(super) const ERROR: [&str; 1] = ["error"];
/// What was said of an error, apart from the status.
pub(super) const ERROR_MESSAGE: [&str; 2] = ["error.message", "otel.status_description"];
/// The callee's barrier answered from what it had done before.
pub(super) const REPLAYED: [&str; 1] = ["ondol.replayed"];

/// The first of the names that a span has, where it says something.
pub(super) fn first<'a>(span: &'a Span, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| span.attributes.get(name)).filter(|value| !value.is_empty())
}
