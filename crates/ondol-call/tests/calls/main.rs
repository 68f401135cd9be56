//! The caller on real sockets, against callees that behave and callees that do not.
#![cfg(test)]

mod asked;
mod bodies;
mod deadlines;
mod dropped;
mod endpoints;
mod fallbacks;
mod faults;
mod hedges;
mod http1;
mod kept;
mod limits;
mod reloads;
mod retries;
mod stories;
mod support;
mod unanswered;
mod upgrades;
mod uploads;
mod whole;
