//! The caller on real sockets, against callees that behave and callees that do not.
#![cfg(test)]

mod asked;
mod http1;
mod retries;
mod support;
mod whole;
