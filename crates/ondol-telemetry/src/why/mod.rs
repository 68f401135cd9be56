//! The story of one request or saga in plain words: what was asked, how far it came, what failed at which stage and why,
//! what was tried again, undone and left, the lines of logs that matter, and what to do next.
//!
//! [`Case`] is plain data that whoever asks gathers; [`tell`] decides what is worth saying, once, as sentences of a closed
//! set; a language only words them. No I/O, no clock.

mod case;
mod coming;
mod english;
mod evidence;
mod korean;
mod logs;
mod next;
mod saga;
mod sentence;
mod story;
mod tell;
mod traced;
mod units;

pub use case::{
    Allowed, Attempt, Case, Cause, Doubt, Failed, Half, Missing, Next, Outcome, Saga, Status, Step,
    StepState, Undo, Verb,
};
pub use coming::Coming;
pub use logs::LINES_MAX;
pub use story::{Advice, Failing, Language, Line, Retried, Stage, Story, render};
pub use tell::tell;
