//! The caller on real sockets, against callees that behave and callees that do not.
#![cfg(test)]

mod asked;
mod bodies;
mod deadlines;
mod http1;
mod retries;
mod support;
mod unanswered;
mod uploads;
mod whole;
