//! The file: one connection that writes, some that read, and a deadline for
//! every call.

use crate::{
    OpenError, SqliteConfig, connection,
    error::{TimedOut, commit_failed, statement_failed},
    fate::{CancelOnDrop, Fate},
    lock::DispatchLock,
    place::Place,
    transaction::Tx,
    workers::Workers,
};
use dispatcher_domain::ports::StoreError;
use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// An open database file; clones share it. It is closed when the last of them
/// is dropped, which waits for what is being written.
#[derive(Clone)]
pub struct Db {
    file: Arc<File>,
}

/// Dropped from the top: the writer is the last to close the file and tidies
/// it up, and only then another process may send from it.
struct File {
    readers: Workers,
    writer: Workers,
    place: Place,
    timeout: Duration,
    now: Now,
    /// The last call that writes failed.
    refuses: AtomicBool,
    _lock: Option<DispatchLock>,
}

impl Db {
    /// Opens a file to send from it: what [`crate::SqliteMessageRepo`] claims
    /// is for this process only, until it ends or drops the last clone.
    ///
    /// `now` is the store's time, which decides the pace. It blocks for a
    /// moment, as files do.
    ///
    /// # Errors
    /// [`OpenError`], such as [`OpenError::InUse`] when another process sends
    /// from this file.
    pub fn open_to_send(
        config: &SqliteConfig,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        // First, and before the lock: it tells more of a path that is wrong.
        let writer = connection::writer(config)?;
        let lock = DispatchLock::acquire(&config.path)?;
        Self::over(config, writer, Some(lock), Arc::new(now))
    }

    /// Opens a file beside the process that sends from it: to enqueue and to
    /// list. Do not claim through it.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(
        config: &SqliteConfig,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        Self::over(config, connection::writer(config)?, None, Arc::new(now))
    }

    fn over(
        config: &SqliteConfig,
        writer: Connection,
        lock: Option<DispatchLock>,
        now: Now,
    ) -> Result<Self, OpenError> {
        let readers = (0..config.readers.max(1)).map(|_| connection::reader(config));
        let readers = readers.collect::<Result<_, _>>()?;
        let file = File {
            readers: Workers::start("sqlite-reader", readers).map_err(OpenError::Thread)?,
            writer: Workers::start("sqlite-writer", vec![writer]).map_err(OpenError::Thread)?,
            place: Place::of(&config.path),
            timeout: config.timeout.min(connection::LONGEST_WAIT),
            now,
            refuses: AtomicBool::new(false),
            _lock: lock,
        };
        Ok(Self { file: Arc::new(file) })
    }

    /// Runs `work` as one transaction that writes: after all that were asked
    /// for before it, alone, and durable when this answers.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        // Immediate: one that turns writer later may be refused at once.
        let written = self.run(&self.file.writer, TransactionBehavior::Immediate, work).await;
        self.file.refuses.store(written.is_err(), Ordering::Relaxed);
        written
    }

    /// Whether the last call that writes failed: who only reads would not notice
    /// that the disk is full, or that another program keeps the file locked.
    pub(crate) fn refuses_writes(&self) -> bool {
        self.file.refuses.load(Ordering::Relaxed)
    }

    /// Runs `work` over one state of the file, beside the writer.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let read = self.run(&self.file.readers, TransactionBehavior::Deferred, work).await;
        read.map_err(|error| match error {
            // There is no effect to be unsure of.
            StoreError::Unconfirmed(source) => StoreError::Unavailable(source),
            error => error,
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        workers: &Workers,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Tx<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let deadline = Instant::now() + self.file.timeout;
        let fate = Fate::default();
        let call = Call {
            place: self.file.place.clone(),
            now: Arc::clone(&self.file.now),
            fate: fate.clone(),
            deadline,
            timeout: self.file.timeout,
        };
        let (answer, answered) = oneshot::channel();
        workers.submit(fate.clone(), move |connection| {
            // Nobody may be left to hear it.
            let _ = answer.send(call.run(connection, behavior, work));
        });
        let _guard = CancelOnDrop(fate.clone());
        match timeout_at(deadline, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) if fate.cancel() => Err(StoreError::Unexpected("the call panicked".into())),
            Err(_) if fate.cancel() => {
                Err(StoreError::Unavailable(TimedOut(self.file.timeout).into()))
            }
            _ => Err(StoreError::Unconfirmed(TimedOut(self.file.timeout).into())),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.file.place.path()
    }
}

/// A call on its way through a thread.
struct Call {
    place: Place,
    now: Now,
    fate: Fate,
    deadline: Instant,
    timeout: Duration,
}

/// So many steps of SQLite's machine between two looks at the [`Fate`]: far
/// below a millisecond.
const STEPS: i32 = 1000;

impl Call {
    fn run<T>(
        self,
        connection: &mut Connection,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Tx<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let failed = |error| statement_failed(self.place.path(), &error);
        // The wait for other programs is part of the call, and over a little
        // before it: "locked by another program" tells more than "no answer".
        let left = self.deadline.saturating_duration_since(Instant::now());
        connection::wait_for_others(connection, left - left / 8).map_err(failed)?;
        let fate = self.fate.clone();
        connection.progress_handler(STEPS, Some(move || fate.is_canceled())).map_err(failed)?;
        let transaction = connection.transaction_with_behavior(behavior).map_err(failed)?;
        // Dropped on the way out, the transaction is rolled back.
        self.place.check().map_err(|error| StoreError::Unavailable(error.into()))?;
        let value = work(&Tx::new(&transaction, self.now())).map_err(failed)?;
        if !self.fate.commit() {
            return Err(StoreError::Unavailable(TimedOut(self.timeout).into()));
        }
        transaction.commit().map_err(|error| commit_failed(self.place.path(), &error))?;
        Ok(value)
    }

    /// As fine as the columns: what is read back must be what was decided by.
    fn now(&self) -> Timestamp {
        let now = (self.now)();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests;
