//! The rules of a saga as tables: a plan in a line, then one input a line with the facts it decides.
//!
//! `notation` reads plans and inputs, `words` writes facts and states, `script` runs a table. Everything else is data.

mod allowed;
mod answers;
mod apply;
mod edits;
mod expressions;
mod forward;
mod notation;
mod notices;
mod pivot;
mod plans;
mod restart;
mod retry;
mod script;
mod state;
mod time;
mod undoing;
mod verbs;
mod wanted;
mod words;
