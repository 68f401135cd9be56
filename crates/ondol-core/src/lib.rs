//! A saga as a few pure functions.
//!
//! * [`Saga::decide`]: what happened, given what we know? `(state, input, now) -> events`; changes nothing.
//! * [`Saga::apply`]: remember that it happened. `(state, event) -> state`; judges nothing.
//! * [`Saga::wanted`]: what should be in flight right now? A function of the state alone.
//! * [`Saga::allowed`]: what may a person do now, and why not?
//!
//! Recovery is not a code path: fold the journal with `apply`, ask `wanted`, go on.
//!
//! It is **not** a runtime. There is no clock, file, socket, thread, randomness, logging or serialization here, and no
//! dependency through which one could come in. Time is an argument, payloads are opaque bytes, chance is a hash.

#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod allowed;
mod apply;
pub mod bounds;
mod bug;
mod decide;
mod event;
mod input;
pub mod plan;
pub mod retry;
mod set;
mod state;
mod wanted;

pub use allowed::{Allowed, Permit, VerbKind};
pub use apply::{Illegal, fold};
pub use bug::Bug;
pub use event::{
    Act, Attempt, Cause, Delivery, Digest, Event, Fact, Finish, Half, Output, Payload, Said, Submission,
    Text, Then, Trouble, Vouch,
};
pub use input::{Answer, Input, Outcome, Question, Verb};
pub use plan::{Notify, Plan, PlanError, Step};
pub use retry::Retry;
pub use set::{StepId, StepSet};
pub use state::{
    Direction, Failure, Mode, News, Notice, NoticeState, Phase, Progress, Saga, Status, StepState, Vouched,
    Why,
};
pub use wanted::{Call, NoticeDue, Wanted};
