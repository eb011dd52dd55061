//! Messages whose owner vanished: their outcome is unknown.

use crate::{control_row::millis, transaction::Transaction};
use dispatcher_domain::{
    MessageId, StatusReason,
    ports::{Rescued, StoreError},
};
use std::time::Duration;
use tokio_postgres::types::Type;

pub(crate) async fn expired(
    tx: Transaction,
    grace: Duration,
    limit: u32,
) -> Result<Vec<Rescued>, StoreError> {
    tx.execute(MEND_LEASES, &[]).await?;
    let params = [
        (&millis(grace) as _, Type::INT8),
        (&i64::from(limit) as _, Type::INT8),
        (&StatusReason::LEASE_EXPIRED.as_str() as _, Type::TEXT),
    ];
    let rows = tx.query(RESCUE, &params).await?;
    tx.commit().await?;
    Ok(rows
        .iter()
        .map(|row| Rescued { id: MessageId(row.get("id")), attempt: row.get("attempt") })
        .collect())
}

/// A lease that ends further ahead than twice its length was given before the
/// clock was set back; it gets its length anew.
const MEND_LEASES: &str = "\
    UPDATE messages SET started_at = dispatch_now(), \
        lease_until = dispatch_now() + (lease_until - started_at) \
    WHERE status = 'sending' AND lease_until > dispatch_now() + 2 * (lease_until - started_at)";

/// The token stays: the owner's late answer must still match it.
const RESCUE: &str = "\
    WITH expired AS MATERIALIZED ( \
        SELECT id FROM messages \
        WHERE status = 'sending' AND lease_until < dispatch_now() - $1 * interval '1 millisecond' \
        ORDER BY lease_until, id LIMIT $2 FOR UPDATE SKIP LOCKED), \
    rescued AS ( \
        UPDATE messages SET status = 'unconfirmed', sent = NULL, status_reason = $3, \
            tries_used = tries_used + 1, unknown_outcomes = unknown_outcomes + 1, \
            resend_until = NULL, lease_until = NULL, lane_exclusive = FALSE \
        WHERE id = ANY (ARRAY(SELECT id FROM expired)) AND status = 'sending' \
        RETURNING id, uuid, attempt), \
    noted AS ( \
        UPDATE attempts a SET outcome = 'abandoned', reason = $3, finished_at = dispatch_now() \
        FROM rescued r WHERE a.message_uuid = r.uuid AND a.attempt = r.attempt) \
    SELECT id, attempt FROM rescued ORDER BY id";
