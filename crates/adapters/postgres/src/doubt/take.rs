//! The next messages to look at, each put off for its next look.

use crate::{control_row::millis, transaction::Transaction};
use dispatcher_domain::{
    DoubtfulAttempt, InDoubt, LeaseToken, MessageId, ProbeBackoff, StatusReason, ports::StoreError,
};
use jiff::Timestamp;
use std::collections::HashMap;
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

pub(super) async fn take(
    tx: Transaction,
    limit: u32,
    backoff: &ProbeBackoff,
) -> Result<Vec<InDoubt>, StoreError> {
    let (base, cap) = (millis(backoff.base), millis(backoff.cap));
    tx.execute(MEND_WAITS, &[(&cap, Type::INT8)]).await?;
    let params =
        [(&i64::from(limit) as _, Type::INT8), (&base as _, Type::INT8), (&cap as _, Type::INT8)];
    let rows = tx.query(TAKE, &params).await?;
    let mut attempts = doubtful_attempts(&tx, &rows).await?;
    tx.commit().await?;
    Ok(rows.iter().map(|row| in_doubt(row, &mut attempts)).collect())
}

/// A wait of more than twice the longest began before the clock was set back.
const MEND_WAITS: &str = "\
    UPDATE messages SET next_probe_at = 'epoch' \
    WHERE status = 'unconfirmed' \
      AND next_probe_at > (SELECT dispatch_now()) + 2 * $1 * interval '1 millisecond'";

/// In a file of its own, so that a test can ask the server for its plan.
const TAKE: &str = include_str!("take.sql");

async fn doubtful_attempts(
    tx: &Transaction,
    messages: &[Row],
) -> Result<HashMap<Uuid, Vec<DoubtfulAttempt>>, StoreError> {
    if messages.is_empty() {
        return Ok(HashMap::new());
    }
    let uuids: Vec<Uuid> = messages.iter().map(|row| row.get("uuid")).collect();
    // `= ANY`, because the primary key begins with the uuid.
    let sql = "SELECT message_uuid, attempt, lease_token, started_at FROM attempts \
               WHERE message_uuid = ANY ($1) \
                 AND (outcome IS NULL OR outcome IN ('unknown', 'abandoned')) \
               ORDER BY attempt";
    let mut attempts: HashMap<Uuid, Vec<DoubtfulAttempt>> = HashMap::new();
    for row in tx.query(sql, &[(&uuids, Type::UUID_ARRAY)]).await? {
        let attempt = DoubtfulAttempt {
            attempt: row.get("attempt"),
            token: LeaseToken(row.get("lease_token")),
            started_at: row.get("started_at"),
        };
        attempts.entry(row.get("message_uuid")).or_default().push(attempt);
    }
    Ok(attempts)
}

fn in_doubt(row: &Row, attempts: &mut HashMap<Uuid, Vec<DoubtfulAttempt>>) -> InDoubt {
    let uuid: Uuid = row.get("uuid");
    InDoubt {
        id: MessageId(row.get("id")),
        uuid,
        key_epoch: row.get("key_epoch"),
        attempt: row.get("attempt"),
        attempts: attempts.remove(&uuid).unwrap_or_default(),
        tries_used: row.get::<_, i32>("tries_used").unsigned_abs(),
        key_used_since: row.get("key_used_since"),
        reason: StatusReason::stored(row.get("status_reason")),
        now: row.get::<_, Timestamp>("now"),
    }
}
