//! What the layers need to know beside the settings: how to read the user's own types, time, and chance.

use std::error::Error;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

use super::{Clock, Failed};

/// Everything but the settings. `B` is the request's body, `E` the inner service's error.
///
/// With a body that can be cloned and an error that is an [`Error`], `Options::default()` will do. Otherwise
/// [`Options::reading`] takes what is missing:
///
/// ```
/// use ondol_sdk::calls::{CallLayer, Failed, Options, Settings};
/// type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// # struct Streamed;
///
/// // A body that flows through once is never sent a second time.
/// let options = Options::reading(|_: &Streamed| None, |error: &BoxError| Failed::of(&**error));
/// let layer = CallLayer::with("payment", Settings::default(), options);
/// ```
pub struct Options<B, E> {
    /// The callee honours `Idempotency-Key`, as every service with Ondol's barrier does: a request that has one may be
    /// repeated whatever its method. False by default.
    pub key_honoured: bool,
    /// A copy of a request's body for another attempt. None: it is sent once, and after that nothing is tried again,
    /// not even what was not sent.
    pub copy: fn(&B) -> Option<B>,
    /// What an error of the inner service means.
    pub failed: fn(&E) -> Failed,
    /// Time. [`Clock::system`] by default.
    pub clock: Clock,
    /// Where chance begins: the same seed gives the same picks and waits. By default another one each time, since
    /// callers that fail together must not come back together.
    pub seed: u64,
}

impl<B, E> Options<B, E> {
    /// Options for a body that is copied so, and errors that are read so.
    pub fn reading(copy: fn(&B) -> Option<B>, failed: fn(&E) -> Failed) -> Self {
        Self { key_honoured: false, copy, failed, clock: Clock::system(), seed: chance() }
    }
}

impl<B: Clone, E: Error + 'static> Default for Options<B, E> {
    fn default() -> Self {
        Self::reading(|body| Some(body.clone()), |error| Failed::of(error))
    }
}

/// The standard library keys its hashers by the system's randomness: a seed without a crate for it.
fn chance() -> u64 {
    RandomState::new().build_hasher().finish()
}

// Not derived: neither a body nor an error is in it.
impl<B, E> Clone for Options<B, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B, E> Copy for Options<B, E> {}

impl<B, E> fmt::Debug for Options<B, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key_honoured, clock, seed, copy: _, failed: _ } = self;
        let mut shown = f.debug_struct("Options");
        shown.field("key_honoured", key_honoured).field("clock", clock).field("seed", seed);
        shown.finish_non_exhaustive()
    }
}
