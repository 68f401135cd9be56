//! The whole engine in virtual time, over a log in memory and services that do what a test tells them.

mod broken;
mod definitions;
mod notices;
mod recovery;
mod support;
mod waiting;
