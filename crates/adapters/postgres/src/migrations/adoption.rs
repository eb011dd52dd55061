//! What taking over the predecessor's table did, and what is left to do.

use super::MigrateError;
use jiff::Timestamp;
use std::time::Duration;
use tokio_postgres::Client;

/// The predecessor's table was taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// Rows that are still to be sent.
    pub queued: u64,
    /// Rows that the predecessor sent.
    pub sent: u64,
    /// Rows that are neither: it would never have sent them.
    pub rejected: u64,
    /// How long nobody else could use the table.
    pub locked_for: Duration,
    /// No send starts before, so that a batch of the predecessor that is just
    /// ending can mark its rows. None: there was no row, and no wait.
    pub first_send_at: Option<Timestamp>,
}

impl Adoption {
    /// All rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.queued + self.sent + self.rejected
    }
}

/// Lets the wait before the first send count from now.
pub(super) const HOLD: &str = "\
    UPDATE dispatch_control SET throttled_until = dispatch_now() + interval '1 minute' \
    WHERE throttled_until IS NOT NULL";

/// It gives the free space of deleted rows back to nobody: it notes that all
/// pages are settled, and what is in them.
pub(super) const SETTLE: &str = "VACUUM (ANALYZE) messages";

/// After the COMMIT: reads what V2 noted down, lets the wait before the first
/// send count from now, and tells the planner about the new columns.
pub(super) async fn finish(client: &Client) -> Result<Adoption, MigrateError> {
    let sql = &format!(
        "WITH noted AS (SELECT current_setting('dispatcher.adoption')::json AS it), \
        held AS ({HOLD} RETURNING throttled_until) \
        SELECT (it->>'queued')::bigint, (it->>'sent')::bigint, (it->>'rejected')::bigint, \
               extract(epoch FROM clock_timestamp())::double precision \
                   - (it->>'locked_at')::double precision, \
               (SELECT throttled_until FROM held) \
        FROM noted"
    );
    let rows = client.query_typed(sql, &[]).await?;
    if let Err(error) = client.batch_execute(SETTLE).await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "VACUUM ANALYZE failed: claims are slow until autovacuum did it");
    }
    let row = rows.first().ok_or(MigrateError::Unreadable)?;
    let count = |at: usize| u64::try_from(row.get::<_, i64>(at)).unwrap_or_default();
    Ok(Adoption {
        queued: count(0),
        sent: count(1),
        rejected: count(2),
        locked_for: Duration::try_from_secs_f64(row.get(3)).unwrap_or_default(),
        first_send_at: row.get(4),
    })
}

/// Who holds a table of ours, as far as this user may know.
pub(super) async fn holders(client: &Client) -> Result<Vec<String>, MigrateError> {
    let sql = "\
        SELECT concat_ws(', ', 'process ' || pid, 'user ' || usename, nullif(application_name, ''), \
                         host(client_addr), state, 'since ' || xact_start::timestamptz(0)) \
        FROM pg_locks JOIN pg_stat_activity USING (pid) \
        WHERE relation IN (to_regclass('messages'), to_regclass('attempts'), \
                           to_regclass('dispatch_control')) \
          AND granted AND pid <> pg_backend_pid() \
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
        GROUP BY pid, usename, application_name, client_addr, state, xact_start ORDER BY pid";
    let rows = client.query_typed(sql, &[]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
