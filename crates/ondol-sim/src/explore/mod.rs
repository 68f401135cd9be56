//! Every interleaving of a small saga, its services, a lossy network, crashes and people.
//!
//! The saga is the real core. Around it stands a world that knows what the core cannot know: what truly took effect at
//! each service, and which messages are still in the network and may arrive after any timeout. A breadth-first
//! search visits every state such a world can reach within a [`Budget`] of faults and checks every [`Property`] there;
//! what it finds first is a shortest history.
//!
//! * [`Root`]: a plan, a truth for its conditions, a budget: where a search begins.
//! * [`search`]: visits everything, or returns the history that breaks a property.
//! * [`every_plan`]: every plan of up to some number of steps, up to symmetry.
//!
//! It is **not** a model of the saga: no rule of DESIGN §3 is written down here a second time, only what must hold
//! whatever the rules are. It knows nothing of bodies, addresses or real time.

mod act;
mod callee;
mod feed;
mod key;
mod notation;
mod plans;
mod property;
mod root;
mod search;
mod truth;
mod watch;
mod words;
mod world;

pub use notation::{parse, written};
pub use plans::every_plan;
pub use property::{Broken, PROPERTIES, Property, Tally};
pub use root::{Barrier, Budget, Root, Watch};
pub use search::{Counterexample, Ends, Found, search, search_all};
