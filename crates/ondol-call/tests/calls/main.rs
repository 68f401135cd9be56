//! The caller on real sockets, against callees that behave and callees that do not.
#![cfg(test)]

mod http1;
mod support;
mod whole;
