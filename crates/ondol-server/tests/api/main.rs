//! The API over real HTTP on loopback, with a service in this process.

mod submit;
mod support;
