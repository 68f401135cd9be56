//! The system file (`ondol.yaml`): its model and JSON Schema, lint, `${{ CEL }}` expressions, compiled definitions, and
//! what is rendered from them.
//!
//! * [`lint()`] reads a file and says everything that is wrong with it, or gives the compiled [`System`].
//! * [`Definition`] is one saga compiled: the core's plan, and requests, conditions and outputs
//!   ([`Definition::request`]) for a [`Scope`]. [`Definition::canonical`] is its stored form.
//! * [`plan()`] compiles one saga that came through the API.
//! * [`calls`] is what the file sets about calls, of a [`Service`] and of its operations.
//! * [`json_schema`] is what editors complete with; [`example`] is the file that `ondol init` writes.
//!
//! It is **not** a runtime: nothing here reads a file, a variable, a clock or a socket. Secrets are arguments. The one
//! exception is a thread with a large stack for the parser of expressions (`stack.rs`), joined before its caller returns.

pub mod bounds;
mod call;
pub mod calls;
mod definition;
mod duration;
mod expression;
mod finding;
pub mod fuzz;
mod graph;
mod init;
mod input;
mod json_tree;
mod lint;
pub mod model;
mod node;
mod path;
mod pinned;
mod place;
mod render;
mod report;
mod shape;
mod share;
mod stack;
mod system;
mod template;
mod url;
mod yaml;

pub use call::{Call, Method};
pub use definition::{CanonicalError, Definition};
pub use duration::{Duration, NotADuration};
pub use expression::Scope;
pub use finding::{Code, Finding, Severity};
pub use init::example;
pub use lint::{Report, lint, plan};
pub use node::Position;
pub use render::{ExpressionError, Rendered};
pub use shape::json_schema;
pub use share::{NotAShare, Share};
pub use system::{HeaderError, LogFiles, SecretPlace, SecretSource, Secrets, Service, System};
pub use url::{Origin, Webhook};
