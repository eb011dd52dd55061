//! Threads that own connections: SQLite blocks its caller, and the threads of
//! the async runtime must not wait for a disk.

use crate::fate::Fate;
use rusqlite::Connection;
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
};

type Work = Box<dyn FnOnce(&mut Connection) + Send>;

struct Job {
    fate: Fate,
    work: Work,
}

/// A thread for each connection, all fed from one queue.
///
/// Dropped, it waits until each has ended what it is doing and has closed its
/// connection.
pub(crate) struct Workers {
    jobs: Option<mpsc::Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    pub(crate) fn start(name: &str, connections: Vec<Connection>) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut workers = Self { jobs: Some(jobs), threads: Vec::new() };
        for connection in connections {
            let queue = Arc::clone(&queue);
            let thread = thread::Builder::new().name(name.to_owned());
            workers.threads.push(thread.spawn(move || serve(connection, &queue))?);
        }
        Ok(workers)
    }

    /// Queues `work`. Whoever waits for what it sends notices when it is
    /// dropped without having run, or ends in a panic.
    pub(crate) fn submit(&self, fate: Fate, work: impl FnOnce(&mut Connection) + Send + 'static) {
        if let Some(jobs) = &self.jobs {
            // It fails only when all threads are gone, and then drops the job.
            let _ = jobs.send(Job { fate, work: Box::new(work) });
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A panic was told where it happened.
            let _ = thread.join();
        }
    }
}

fn serve(mut connection: Connection, queue: &Mutex<mpsc::Receiver<Job>>) {
    while let Some(Job { fate, work }) = next(queue) {
        if fate.is_canceled() {
            continue;
        }
        // Unwinding rolls the transaction back: the connection stays good.
        let panicked = catch_unwind(AssertUnwindSafe(|| work(&mut connection))).is_err();
        if panicked {
            tracing::error!("a call to the message store panicked");
        }
    }
}

fn next(queue: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}
