//! One process at a time sends from a file.

use crate::OpenError;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Held by the process that sends. The kernel frees it when that process ends,
/// however it ends; the file stays, and means nothing by itself.
///
/// It lies beside the database and not on it: the database must stay open to
/// programs that read and insert.
pub(crate) struct DispatchLock(File);

impl Drop for DispatchLock {
    fn drop(&mut self) {
        // Closing is not enough: a program that this one starts at this moment
        // has the file open until it begins to run. An error leaves it to that.
        let _ = self.0.unlock();
    }
}

impl DispatchLock {
    /// Takes the lock of the database at `path`, which exists.
    pub(crate) fn acquire(path: &Path) -> Result<Self, OpenError> {
        let lock = lock_path(path);
        let failed = |source| OpenError::Lock { lock: lock.clone(), source };
        let mut file = open(&lock).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let process = read_process(&mut file);
                return Err(OpenError::InUse { path: path.to_owned(), lock, process });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        file.set_len(0).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self(file))
    }
}

fn open(lock: &Path) -> io::Result<File> {
    // Not truncated: it may be another's, and then its number is worth reading.
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(lock)
}

/// For the message only: where a lock keeps readers out too, it stays unknown.
fn read_process(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Beside the file itself: two names of one database must meet at one lock.
fn lock_path(database: &Path) -> PathBuf {
    let database = database.canonicalize().unwrap_or_else(|_| database.to_owned());
    let mut name = database.into_os_string();
    name.push(".lock");
    name.into()
}
