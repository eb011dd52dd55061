//! One migrator at a time.

use super::MigrateError;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_postgres::{Client, types::Type};

const MIGRATION_LOCK: i64 = 0x4d44_4d49;
const POLL: Duration = Duration::from_millis(200);

/// Takes the lock of this session, waiting at most `wait`.
///
/// It polls: a session that *waits* in `pg_advisory_lock` holds a snapshot, and
/// deadlocks with the other's `CREATE INDEX CONCURRENTLY`.
pub(super) async fn acquire(client: &Client, wait: Duration) -> Result<(), MigrateError> {
    let poll = async {
        let mut ticks = interval(POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if try_acquire(client).await? {
                return Ok(());
            }
        }
    };
    timeout(wait.max(POLL), poll).await.unwrap_or(Err(MigrateError::Locked { waited: wait }))
}

async fn try_acquire(client: &Client) -> Result<bool, MigrateError> {
    let sql = "SELECT pg_try_advisory_lock($1)";
    let rows = client.query_typed(sql, &[(&MIGRATION_LOCK, Type::INT8)]).await?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}
