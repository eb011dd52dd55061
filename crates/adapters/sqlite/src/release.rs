//! Giving back what was certainly not POSTed.

use crate::{columns::Micros, control_row, transaction::Tx};
use dispatcher_domain::{ControlState, Lease, LeaseToken, MessageId, ProviderSignal};

pub(crate) fn one(tx: &Tx<'_>, id: MessageId, lease: &Lease) -> rusqlite::Result<bool> {
    if lease.paced {
        let state = control_row::load(tx)?;
        end_claim(tx, state, lease.token)?;
    }
    let params = (id.0, lease.uuid.to_string(), lease.token.to_string(), lease.attempt);
    let freed = tx.query(FREE_ONE, params, freed)?;
    note(tx, &freed)?;
    Ok(!freed.is_empty())
}

pub(crate) fn claim(tx: &Tx<'_>, token: LeaseToken) -> rusqlite::Result<u64> {
    let freed = tx.query(FREE_CLAIM, [token.to_string()], freed)?;
    note(tx, &freed)?;
    let state = control_row::load(tx)?;
    // A claim that was never committed started nothing: to end it all the same
    // would put off the next batch by a whole interval.
    if !freed.is_empty() || state.awaits(token) {
        end_claim(tx, state, token)?;
    }
    Ok(freed.len() as u64)
}

/// Back to its place in the queue; `attempt` keeps fencing, no try is spent.
const FREE_ONE: &str = "\
    UPDATE messages SET status = 'queued', sent = 0, status_reason = 'released', \
        lease_token = NULL, lease_until = NULL \
    WHERE id = ?1 AND uuid = ?2 AND lease_token = ?3 AND attempt = ?4 AND status = 'sending' \
    RETURNING uuid, attempt";

const FREE_CLAIM: &str = "\
    UPDATE messages SET status = 'queued', sent = 0, status_reason = 'released', \
        lease_token = NULL, lease_until = NULL \
    WHERE lease_token = ?1 AND status = 'sending' \
    RETURNING uuid, attempt";

/// A row that was given back.
struct Freed {
    uuid: String,
    attempt: i32,
}

fn freed(row: &rusqlite::Row<'_>) -> rusqlite::Result<Freed> {
    Ok(Freed { uuid: row.get(0)?, attempt: row.get(1)? })
}

fn note(tx: &Tx<'_>, freed: &[Freed]) -> rusqlite::Result<()> {
    let sql = "UPDATE attempts SET outcome = 'released', finished_at = ?3 \
               WHERE message_uuid = ?1 AND attempt = ?2";
    for Freed { uuid, attempt } in freed {
        tx.execute(sql, (uuid, attempt, Micros(tx.now)))?;
    }
    Ok(())
}

fn end_claim(tx: &Tx<'_>, mut state: ControlState, token: LeaseToken) -> rusqlite::Result<()> {
    state.finished(tx.now, token, &ProviderSignal::Silent);
    control_row::save(tx, &state)
}
