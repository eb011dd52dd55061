//! The stores that a stage may have. A test that is generic over [`Store`] runs
//! over both: see `over_both_stores!`.
//!
//! On PostgreSQL alone run the tests that are about PostgreSQL or need several
//! processes at once (`replicas`, `takeover`, `pgbouncer`, `redis_trouble`),
//! those with a database server that dies (some of `shutdown` and `go_clients`),
//! and two that write what one store alone understands: the crash in `resolver`,
//! by a lock on a row, and the rows of the Go service in `go_clients`.
//! What only a file can go through is in `sqlite_*`.

use super::{LIMIT, disk::Disk, migrated, sql::Sql};
use dispatcher_settings::sqlite_url;
use dispatcher_sqlite::{SqliteConfig, migrations};
use dispatcher_testkit::{TestDatabase, postgres::PostgresParts};
use std::{
    net::{SocketAddr, ToSocketAddrs},
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A migrated message store of its own.
pub trait Store: Sized {
    type Sql: Sql;

    /// So many processes may send from it at once.
    const PROCESSES: usize;

    /// A test kills processes so often, at most, unless told otherwise.
    const KILLS: usize;

    async fn make() -> Self;

    /// A connection beside the server.
    fn sql(&self) -> &Self::Sql;

    /// What a replica has to know, beside the usual.
    fn variables(&self) -> Vec<(&'static str, String)>;

    /// Where its server listens, if it has one.
    fn server(&self) -> Option<SocketAddr> {
        None
    }

    /// The same as [`Store::variables`] by way of a tap before that server.
    fn variables_through(&self, _tap: SocketAddr) -> Vec<(&'static str, String)> {
        self.variables()
    }
}

/// A database on a server.
pub struct Postgres {
    pub database: TestDatabase,
    pub sql: tokio_postgres::Client,
}

impl Store for Postgres {
    type Sql = tokio_postgres::Client;
    const PROCESSES: usize = usize::MAX;
    const KILLS: usize = usize::MAX;

    async fn make() -> Self {
        let database = migrated().await;
        let sql = database.client().await.expect("a client");
        Self { database, sql }
    }

    fn sql(&self) -> &Self::Sql {
        &self.sql
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![("DATABASE_URL", self.database.parts().url())]
    }

    fn server(&self) -> Option<SocketAddr> {
        let PostgresParts { host, port, .. } = self.database.parts();
        let mut addresses = (host.as_str(), *port).to_socket_addrs().expect("an address");
        Some(addresses.next().expect("an address"))
    }

    fn variables_through(&self, tap: SocketAddr) -> Vec<(&'static str, String)> {
        let parts = self.database.parts().clone();
        let through = PostgresParts { host: tap.ip().to_string(), port: tap.port(), ..parts };
        vec![("DATABASE_URL", through.url())]
    }
}

/// A file in a directory of its own.
pub struct Sqlite {
    pub sql: rusqlite::Connection,
    /// What the directory is on, if that is special.
    pub disk: Option<Disk>,
    directory: TempDir,
}

impl Sqlite {
    /// In this directory, which may be a disk.
    pub async fn make_in(directory: TempDir, disk: Option<Disk>) -> Self {
        let path = directory.path().join("messages.db");
        migrations::migrate(&SqliteConfig::new(&path), LIMIT).await.expect("the migrations");
        Self { sql: connect(&path), disk, directory }
    }

    /// Closes the connection: what happens to a file must happen without it.
    pub fn close(&mut self) {
        self.sql = rusqlite::Connection::open_in_memory().expect("a connection");
    }

    /// Removes the write-ahead log of a file that nobody has open any more.
    pub fn remove_log(&self) {
        for log in ["messages.db-wal", "messages.db-shm"] {
            std::fs::remove_file(self.directory().join(log)).expect("it was left");
        }
    }

    /// Connects to the file that is there now.
    pub fn reopen(&mut self) {
        self.sql = connect(&self.path());
    }

    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub fn path(&self) -> PathBuf {
        self.directory().join("messages.db")
    }
}

impl Store for Sqlite {
    type Sql = rusqlite::Connection;
    const PROCESSES: usize = 1;
    // Nobody sends until the next has started.
    const KILLS: usize = 6;

    async fn make() -> Self {
        Self::make_in(tempfile::tempdir().expect("a directory"), None).await
    }

    fn sql(&self) -> &Self::Sql {
        &self.sql
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![("DATABASE_URL", sqlite_url(&self.path()).expect("a path in UTF-8"))]
    }
}

/// A connection of another program, which waits for its turn to write.
pub fn connect(path: &Path) -> rusqlite::Connection {
    let sql = rusqlite::Connection::open(path).expect("a file");
    sql.busy_timeout(LIMIT).expect("a time-out");
    sql
}

/// Makes tests of functions that take a [`Store`] as their parameter: one on
/// PostgreSQL and one on SQLite of each.
#[macro_export]
macro_rules! over_both_stores {
    ($($(#[$attribute:meta])* $test:ident),+ $(,)?) => {
        mod on_postgres {
            $($(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test::<$crate::store::Postgres>().await;
            })+
        }
        mod on_sqlite {
            $($(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test::<$crate::store::Sqlite>().await;
            })+
        }
    };
}
