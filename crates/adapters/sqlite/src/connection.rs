//! Opening connections to the file.

use crate::{FileError, OpenError, SqliteConfig, migrations::HISTORY};
use rusqlite::{Connection, OpenFlags};
use std::{
    fs::OpenOptions,
    path::{Path, PathBuf, absolute},
    time::Duration,
};

/// A connection that writes.
pub(crate) fn writer(config: &SqliteConfig) -> Result<Connection, OpenError> {
    let connection = open(config, OpenFlags::empty())?;
    // The mode stays with the file, and the file may be somebody else's.
    if refused(config, is_ours(&connection))? {
        let mode = refused(config, keep_a_log(&connection))?;
        if mode != "wal" {
            return Err(OpenError::NoWriteAheadLog { path: config.path.clone(), mode });
        }
    }
    Ok(connection)
}

/// Whether a migration of ours was here.
fn is_ours(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?1)";
    connection.query_row(sql, [HISTORY], |row| row.get(0))
}

/// A connection that may make the file.
pub(crate) fn creator(config: &SqliteConfig) -> Result<Connection, OpenError> {
    let directory = directory_of(&config.path);
    if !directory.is_dir() {
        return Err(OpenError::NoDirectory {
            path: whole(&config.path),
            directory: whole(&directory),
        });
    }
    create_for_its_owner(&config.path);
    open(config, OpenFlags::SQLITE_OPEN_CREATE)
}

/// SQLite would make a file that all users of the machine can read, and phone
/// numbers are personal. The log beside it gets the same permissions.
fn create_for_its_owner(path: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Where there is a file already, it stays as it is; where none can be made,
    // SQLite tells why.
    let _ = options.open(path);
}

/// A connection that only reads.
pub(crate) fn reader(config: &SqliteConfig) -> Result<Connection, OpenError> {
    let connection = open(config, OpenFlags::empty())?;
    refused(config, connection.pragma_update(None, "query_only", true))?;
    Ok(connection)
}

/// What was written is in a log first, so that readers and the writer do not
/// wait for each other. Gives the journal mode that the file has now.
pub(crate) fn keep_a_log(connection: &Connection) -> rusqlite::Result<String> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
}

/// Nobody waits longer. SQLite counts milliseconds, and the driver panics at more
/// than it counts.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// Other programs that hold the file are waited for, so long.
pub(crate) fn wait_for_others(connection: &Connection, wait: Duration) -> rusqlite::Result<()> {
    connection.busy_timeout(wait.min(LONGEST_WAIT))
}

/// Whoever is not where the file is must see where it was looked for.
fn whole(path: &Path) -> PathBuf {
    absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn open(config: &SqliteConfig, create: OpenFlags) -> Result<Connection, OpenError> {
    let path = &config.path;
    if path.is_dir() {
        return Err(OpenError::Directory { path: path.clone() });
    }
    // Where the file cannot even be looked at, SQLite tells what is the matter.
    if create.is_empty() && matches!(path.try_exists(), Ok(false)) {
        return Err(OpenError::NoDatabase { path: whole(path) });
    }
    // No SQLITE_OPEN_URI: a file may have any name. One thread owns the
    // connection at a time.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
    let connection = refused(config, Connection::open_with_flags(path, flags))?;
    refused(config, set_up(&connection, config))?;
    Ok(connection)
}

fn set_up(connection: &Connection, config: &SqliteConfig) -> rusqlite::Result<()> {
    wait_for_others(connection, config.timeout)?;
    // Room for every statement there is here.
    connection.set_prepared_statement_cache_capacity(64);
    // What is acknowledged is on the disk: SQLite's default with a log is less,
    // and on macOS a plain fsync is.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Triggers come with the file, and files come from anywhere.
    connection.pragma_update(None, "trusted_schema", false)?;
    // The first look into the file: no database, no permission.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

fn refused<T>(config: &SqliteConfig, result: rusqlite::Result<T>) -> Result<T, OpenError> {
    result.map_err(|error| FileError::new(&config.path, &error).into())
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No kill of a process shows what is missing here: only a power cut does.
    #[test]
    fn what_is_acknowledged_is_on_the_disk() {
        let directory = tempfile::tempdir().unwrap();
        let config = SqliteConfig::new(directory.path().join("messages.db"));
        creator(&config)
            .unwrap()
            .execute_batch(&format!("CREATE TABLE {HISTORY} (version)"))
            .unwrap();
        let writer = writer(&config).unwrap();
        let mode: String =
            writer.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        let number = |name| writer.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        assert_eq!(number("synchronous").unwrap(), 2, "full");
        assert_eq!(number("fullfsync").unwrap(), 1);
        assert_eq!(number("checkpoint_fullfsync").unwrap(), 1);
    }
}
