//! Small traces written as pictures, and what is said of them.

mod compare;
mod critical;
mod failing;
mod picture;
mod properties;
mod stories;
mod tree;
