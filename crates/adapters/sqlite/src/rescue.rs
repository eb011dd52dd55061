//! Messages whose owner vanished: their outcome is unknown.

use crate::{
    columns::{Micros, micros},
    transaction::Tx,
};
use dispatcher_domain::{MessageId, StatusReason, ports::Rescued};
use std::time::Duration;

pub(crate) fn expired(tx: &Tx<'_>, grace: Duration, limit: u32) -> rusqlite::Result<Vec<Rescued>> {
    tx.execute(MEND_LEASES, [Micros(tx.now)])?;
    let ended = (Micros(tx.now), micros(grace), limit);
    let ids: Vec<i64> = tx.query(EXPIRED, ended, |row| row.get(0))?;
    let mut rescued = ids.into_iter().map(|id| rescue(tx, id)).collect::<Result<Vec<_>, _>>()?;
    rescued.sort_by_key(|rescued| rescued.id);
    Ok(rescued)
}

/// A lease that ends further ahead than twice its length was given before the
/// clock was set back; it gets its length anew.
const MEND_LEASES: &str = "\
    UPDATE messages SET started_at = ?1, lease_until = ?1 + (lease_until - started_at) \
    WHERE status = 'sending' AND lease_until > ?1 + 2 * (lease_until - started_at)";

const EXPIRED: &str = "\
    SELECT id FROM messages WHERE status = 'sending' AND lease_until < ?1 - ?2 \
    ORDER BY lease_until, id LIMIT ?3";

/// The token stays: the owner's late answer must still match it.
const PARK: &str = "\
    UPDATE messages SET status = 'unconfirmed', sent = NULL, status_reason = ?2, \
        tries_used = tries_used + 1, unknown_outcomes = unknown_outcomes + 1, \
        resend_until = NULL, lease_until = NULL \
    WHERE id = ?1 RETURNING uuid, attempt";

const NOTE: &str = "\
    UPDATE attempts SET outcome = 'abandoned', reason = ?3, finished_at = ?4 \
    WHERE message_uuid = ?1 AND attempt = ?2";

fn rescue(tx: &Tx<'_>, id: i64) -> rusqlite::Result<Rescued> {
    let reason = StatusReason::LEASE_EXPIRED;
    let (uuid, attempt): (String, i32) =
        tx.query_row(PARK, (id, reason.as_str()), |row| Ok((row.get(0)?, row.get(1)?)))?;
    tx.execute(NOTE, (uuid, attempt, reason.as_str(), Micros(tx.now)))?;
    Ok(Rescued { id: MessageId(id), attempt })
}
