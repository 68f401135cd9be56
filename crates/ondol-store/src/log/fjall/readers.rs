//! A few threads that read, so that callers wait without blocking their own.

use super::{tables::Tables, writer::Poison};
use crate::log::LogError;
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};
use tokio::sync::{mpsc, oneshot};

/// Reads at the same time: enough to keep a disk busy while one of them waits for it.
const READERS: usize = 2;

/// Reads that may wait for a reader.
const QUEUE_LENGTH_MAX: usize = 256;

type Query = Box<dyn FnOnce(&Tables) + Send>;

/// The way to the readers. Dropping it ends their threads.
pub(super) struct Readers {
    queue: Option<mpsc::Sender<Query>>,
    threads: Vec<JoinHandle<()>>,
    poison: Poison,
}

impl Readers {
    pub(super) fn start(tables: &Tables, poison: &Poison) -> io::Result<Self> {
        let (queue, queries) = mpsc::channel(QUEUE_LENGTH_MAX);
        let queries = Arc::new(Mutex::new(queries));
        let mut readers = Self { queue: Some(queue), threads: Vec::new(), poison: poison.clone() };
        for _ in 0..READERS {
            let (tables, queries) = (tables.clone(), Arc::clone(&queries));
            let thread = thread::Builder::new().name("log-reader".to_owned());
            readers.threads.push(thread.spawn(move || run(&tables, &queries))?);
        }
        Ok(readers)
    }

    /// Runs `query` on a reader and waits for what it found.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Tables) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        self.poison.check()?;
        let queue = self.queue.as_ref().ok_or(LogError::Poisoned)?;
        let (answer, answered) = oneshot::channel();
        let query: Query = Box::new(move |tables| {
            // A caller that has gone away needs no answer.
            let _ = answer.send(query(tables));
        });
        queue.send(query).await.map_err(|_| LogError::Poisoned)?;
        answered.await.unwrap_or_else(|_| {
            Err(LogError::io("read the log", io::Error::other("the reader ended without an answer")))
        })
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            // A panic of a reader has already reached the one who waited for it.
            let _ = thread.join();
        }
    }
}

fn run(tables: &Tables, queries: &Mutex<mpsc::Receiver<Query>>) {
    loop {
        let next = queries.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        match next {
            Some(query) => query(tables),
            None => return,
        }
    }
}
