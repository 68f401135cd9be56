//! The pools of one target's endpoints, as its caller has them now. All handles of the target share them, those from
//! before a change too: which endpoint is next is the desk's choice, and the desk knows only the present ones.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::pool::Pool;
use crate::target::Endpoint;

/// A cheap clone, of which all clones are the same pools.
#[derive(Clone, Default)]
pub(crate) struct Pools(Arc<Mutex<Vec<Arc<Pool>>>>);

impl Pools {
    /// The pool of `endpoint`; none where this caller does not have it, or not yet.
    pub(crate) fn of(&self, endpoint: &Endpoint) -> Option<Arc<Pool>> {
        self.lock().iter().find(|pool| pool.endpoint == *endpoint).cloned()
    }

    /// Every one.
    pub(crate) fn all(&self) -> Vec<Arc<Pool>> {
        self.lock().clone()
    }

    /// Puts these in place of what there was. The others end with their last call.
    pub(crate) fn replace(&self, pools: Vec<Arc<Pool>>) {
        let gone: Vec<Arc<Pool>> = {
            let mut now = self.lock();
            let kept = |pool: &Arc<Pool>| pools.iter().any(|kept| Arc::ptr_eq(kept, pool));
            let gone = now.iter().filter(|pool| !kept(pool)).cloned().collect();
            *now = pools;
            gone
        };
        for pool in gone {
            pool.close();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Pool>>> {
        // Lists are put in whole; a panic leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
