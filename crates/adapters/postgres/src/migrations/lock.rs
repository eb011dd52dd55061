//! One migrator at a time.

use super::{MigrateError, patience::Patience};
use tokio_postgres::{Client, types::Type};

/// Its key; `plan` writes it into its scripts.
pub(super) const MIGRATION_LOCK: i64 = 0x4d44_4d49;

/// Takes the lock of this session.
///
/// It polls: a session that *waits* in `pg_advisory_lock` holds a snapshot, and
/// deadlocks with the other's `CREATE INDEX CONCURRENTLY`.
pub(super) async fn acquire(client: &Client, patience: &mut Patience) -> Result<(), MigrateError> {
    while !try_acquire(client).await? {
        if patience.is_over() {
            return Err(MigrateError::Locked { waited: patience.total() });
        }
        if patience.is_time_to_tell() {
            tracing::info!("another migration runs: waiting for it");
        }
        patience.pause().await;
    }
    Ok(())
}

async fn try_acquire(client: &Client) -> Result<bool, MigrateError> {
    let sql = "SELECT pg_try_advisory_lock($1)";
    let rows = client.query_typed(sql, &[(&MIGRATION_LOCK, Type::INT8)]).await?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}
