//! The HTTP API, wire types, authentication and OpenAPI.
