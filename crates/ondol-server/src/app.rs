//! Everything a request may need, in one place.

use std::sync::Arc;

use ondol_engine::Handle;
use tokio_util::sync::CancellationToken;

use crate::api::telemetry::ask::Desk;
use crate::batch::Batches;
use crate::dropped::Dropped;
use crate::guard::Guard;
use crate::listing::Listing;
use crate::otlp::Otlp;
use crate::outbound::Outbound;
use crate::spans;
use crate::system::Systems;
use crate::telemetry::Store;

/// What handlers share.
pub(crate) struct App {
    pub(crate) engine: Handle,
    pub(crate) listing: Arc<Listing>,
    pub(crate) dropped: Arc<Dropped>,
    pub(crate) systems: Systems,
    pub(crate) outbound: Arc<Outbound>,
    /// Records of Ondol's own that found no room.
    pub(crate) own_dropped: spans::Dropped,
    pub(crate) batches: Arc<Batches>,
    /// Traces and logs.
    pub(crate) telemetry: Store,
    pub(crate) otlp: Arc<Otlp>,
    pub(crate) desk: Desk,
    pub(crate) guard: Guard,
    /// Cancelled when the server goes down: event streams end then.
    pub(crate) stop: CancellationToken,
    pub(crate) started_ms: u64,
    /// The monotonic clock that the engine was given.
    pub(crate) mono: ondol_engine::SystemClock,
}

/// The state of the router.
pub(crate) type Shared = Arc<App>;
