//! The next messages to look at, each put off for its next look.

use crate::{
    columns::{Micros, Word, micros, text, time},
    transaction::Tx,
};
use dispatcher_domain::{
    DoubtfulAttempt, InDoubt, LeaseToken, MessageId, ProbeBackoff, StatusReason,
};
use jiff::Timestamp;
use rusqlite::Row;
use uuid::Uuid;

pub(super) fn take(
    tx: &Tx<'_>,
    limit: u32,
    backoff: &ProbeBackoff,
) -> rusqlite::Result<Vec<InDoubt>> {
    let longest = micros(backoff.cap).saturating_mul(2);
    tx.execute(MEND_WAITS, (Micros(tx.now), longest))?;
    let taken = tx.query(TAKE, (Micros(tx.now), limit), |row| Taken::of(row, tx.now))?;
    taken.into_iter().map(|taken| put_off(tx, taken, backoff)).collect()
}

/// A wait of more than twice the longest began before the clock was set back.
const MEND_WAITS: &str = "\
    UPDATE messages SET next_probe_at = 0 \
    WHERE status = 'unconfirmed' AND next_probe_at > ?1 + ?2";

/// In a file of its own, so that a test can ask for its plan.
const TAKE: &str = include_str!("take.sql");

/// A message, and how often it was looked at.
struct Taken {
    doubt: InDoubt,
    looks: u32,
}

impl Taken {
    fn of(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<Self> {
        let doubt = InDoubt {
            id: MessageId(row.get("id")?),
            uuid: row.get::<_, Word<_>>("uuid")?.0,
            key_epoch: row.get("key_epoch")?,
            attempt: row.get("attempt")?,
            attempts: vec![],
            tries_used: row.get("tries_used")?,
            key_used_since: time(row, "key_used_since")?,
            reason: StatusReason::stored(text(row, "status_reason")?),
            now,
        };
        Ok(Self { doubt, looks: row.get("probes")? })
    }
}

fn put_off(tx: &Tx<'_>, taken: Taken, backoff: &ProbeBackoff) -> rusqlite::Result<InDoubt> {
    let Taken { doubt, looks } = taken;
    let sql = "UPDATE messages SET probes = min(probes, 30) + 1, next_probe_at = ?2 + ?3 \
               WHERE id = ?1";
    tx.execute(sql, (doubt.id.0, Micros(tx.now), micros(backoff.after(looks))))?;
    let attempts = tx.query(ATTEMPTS, [doubt.uuid.to_string()], attempt)?;
    Ok(InDoubt { attempts, ..doubt })
}

const ATTEMPTS: &str = "\
    SELECT attempt, lease_token, started_at FROM attempts \
    WHERE message_uuid = ?1 AND (outcome IS NULL OR outcome IN ('unknown', 'abandoned')) \
    ORDER BY attempt";

fn attempt(row: &Row<'_>) -> rusqlite::Result<DoubtfulAttempt> {
    Ok(DoubtfulAttempt {
        attempt: row.get("attempt")?,
        token: LeaseToken(row.get::<_, Word<Uuid>>("lease_token")?.0),
        started_at: row.get::<_, Micros>("started_at")?.0,
    })
}
