//! Two cores: one for the proxies, one for everything else, so that none is measured in another's way.

use crate::error::Error;

/// Which is for whom, by the kernel's number.
#[derive(Clone, Copy, Debug)]
pub(in crate::bench) struct Cores {
    pub(super) proxy: usize,
    pub(super) others: usize,
}

impl Cores {
    /// Takes the first and the last that we may use. This thread, and what it starts, is with the others from now on.
    ///
    /// # Errors
    /// [`Error::Skipped`] where there are not two, or where nobody can choose.
    pub(in crate::bench) fn take() -> Result<Self, Error> {
        let allowed = system::allowed()?;
        let (Some(others), Some(proxy)) = (allowed.first(), allowed.last().filter(|_| allowed.len() > 1))
        else {
            return Err(Error::Skipped("the proxy beside others: it needs two cores".to_owned()));
        };
        system::stay_on(*others)?;
        Ok(Self { proxy: *proxy, others: *others })
    }

    /// Starts something on the proxies' core. It inherits the place with all its threads to come.
    ///
    /// # Errors
    /// Those of `start`, or that we may not.
    pub(in crate::bench) fn start<T>(&self, start: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        system::stay_on(self.proxy)?;
        let started = start();
        system::stay_on(self.others)?;
        started
    }
}

#[cfg(target_os = "linux")]
mod system {
    use crate::error::Error;
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    pub(super) fn allowed() -> Result<Vec<usize>, Error> {
        let set = sched_getaffinity(None).map_err(|error| failed("read", error))?;
        Ok((0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect())
    }

    pub(super) fn stay_on(core: usize) -> Result<(), Error> {
        let mut set = CpuSet::new();
        set.set(core);
        sched_setaffinity(None, &set).map_err(|error| failed("set", error))
    }

    fn failed(what: &str, error: rustix::io::Errno) -> Error {
        Error::program("cores", format!("cannot {what} where we run: {error}"))
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use crate::error::Error;

    fn nobody() -> Error {
        Error::Skipped("the proxy beside others: only Linux lets a program choose its core".to_owned())
    }

    pub(super) fn allowed() -> Result<Vec<usize>, Error> {
        Err(nobody())
    }

    pub(super) fn stay_on(_: usize) -> Result<(), Error> {
        Err(nobody())
    }
}
