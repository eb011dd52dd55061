//! `cargo xtask adoption`: how long a Go service's table is locked while it is taken over, and how much disk
//! that takes, on this machine.
//!
//! Makes a table of that many rows on a server of its own, which writes through to the disk, runs the real
//! `message-dispatcher-migrate`, and watches from outside: a program that goes on inserting, and the size of
//! the server's directory.

mod psql;
mod watch;

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use dispatcher_testkit::find;
use dispatcher_testkit::postgres::{Durability, PostgresServer};
use psql::Psql;
use watch::{Watch, size, timed};

use crate::cargo;
use crate::install;
use crate::machine::Service;

const MIGRATE: &str = "message-dispatcher-migrate";

/// Makes the table, migrates, prints.
pub(crate) fn run(rows: u64) -> anyhow::Result<()> {
    if find::postgres().is_none() {
        install::install(&[Service::Postgres])?;
    }
    // All the time goes into the server: optimizing our part would change nothing.
    cargo::run(&["build", "-p", "dispatcher-migrate"])?;
    let server = PostgresServer::start(Durability::Durable)?;
    let sql = Psql::of(&server);
    println!("\nA table of the Go service with {rows} rows, 2 % of them unsent …");
    sql.run(&go_table(rows))?;
    let before = Sizes::of(&sql)?;
    let data = sql.ask("SHOW data_directory")?;

    println!("$ {MIGRATE}");
    let watch = Watch::default();
    let (took, blocked, peak) = thread::scope(|scope| {
        let writer = scope.spawn(|| watch.longest_insert(&sql));
        let disk = scope.spawn(|| watch.largest_size(Path::new(&data)));
        let (took, migrated) = timed(|| migrate(&server));
        watch.end();
        migrated?;
        let joined = "a watcher panicked";
        let blocked = writer.join().ok().context(joined)??;
        anyhow::Ok((took, blocked, disk.join().ok().context(joined)?))
    })?;
    let after = Sizes::of(&sql)?;
    check(&sql, rows)?;

    println!("\nPostgreSQL {}, {rows} rows", sql.ask("SHOW server_version")?);
    let line = |what: &str, value: String| println!("{what:<44}{value:>12}");
    line("migrate, in all", seconds(took));
    line("longest INSERT of another program meanwhile", seconds(blocked));
    line("table before", megabytes(before.table));
    line("table after", megabytes(after.table));
    line("its indexes before", megabytes(before.indexes));
    line("its indexes after", megabytes(after.indexes));
    line("disk at its fullest, beyond before", megabytes(peak.saturating_sub(before.disk)));
    line("write-ahead log written", megabytes(after.log.saturating_sub(before.log)));
    Ok(())
}

/// The Go service's own table and indexes; texts of an ordinary length.
fn go_table(rows: u64) -> String {
    format!(
        "CREATE TABLE messages (id SERIAL PRIMARY KEY, phone_number VARCHAR(20) NOT NULL, \
             content VARCHAR(160) NOT NULL, sent BOOLEAN DEFAULT FALSE, created_at TIMESTAMP DEFAULT NOW()); \
         INSERT INTO messages (phone_number, content, sent, created_at) \
             SELECT '+90555' || lpad((n % 9999999)::text, 7, '0'), \
                    'Your order ' || n || ' is on its way and will reach you tomorrow before noon.', \
                    n <= {rows} * 0.98, now() - ({rows} - n) * interval '1 second' \
             FROM generate_series(1, {rows}) n; \
         CREATE INDEX idx_messages_sent_created ON messages(sent, created_at); \
         CREATE INDEX idx_messages_phone ON messages(phone_number); \
         CREATE INDEX idx_messages_sent ON messages(sent) WHERE sent = TRUE; \
         VACUUM ANALYZE messages; CHECKPOINT;"
    )
}

fn migrate(server: &PostgresServer) -> anyhow::Result<()> {
    let program = cargo::target_directory()?.join("debug").join(MIGRATE);
    let mut command = Command::new(&program);
    let parts = server.parts();
    // Nothing of the developer's own environment, no `.env` of a folder.
    command.env_clear().current_dir(std::env::temp_dir());
    command.envs([("DB_HOST", &parts.host), ("DB_NAME", &parts.dbname), ("DB_USER", &parts.user)]);
    command.envs([("DB_PASSWORD", &parts.password), ("DB_PORT", &parts.port.to_string())]);
    let status = command.status().with_context(|| format!("cannot start {}", program.display()))?;
    ensure!(status.success(), "{MIGRATE} failed ({status})");
    Ok(())
}

/// Nothing was lost, and what was unsent is queued.
fn check(sql: &Psql<'_>, rows: u64) -> anyhow::Result<()> {
    let query = "SELECT count(*) FILTER (WHERE status = 'sent') FROM messages \
                 WHERE status IN ('sent', 'queued') AND created_at IS NOT NULL";
    let sent = sql.number(query)?;
    ensure!(sent == rows * 98 / 100, "{sent} rows of {rows} are sent");
    Ok(())
}

struct Sizes {
    table: u64,
    indexes: u64,
    /// Position in the write-ahead log.
    log: u64,
    /// The server's directory.
    disk: u64,
}

impl Sizes {
    fn of(sql: &Psql<'_>) -> anyhow::Result<Self> {
        Ok(Self {
            table: sql.number("SELECT pg_table_size('messages')")?,
            indexes: sql.number("SELECT pg_indexes_size('messages')")?,
            log: sql.number("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")?,
            disk: size(Path::new(&sql.ask("SHOW data_directory")?)),
        })
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn megabytes(bytes: u64) -> String {
    const MEGABYTE: u64 = 1_000_000;
    format!("{} MB", bytes / MEGABYTE)
}
