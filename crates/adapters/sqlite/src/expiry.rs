//! Messages that were not sent in time.

use crate::{columns::Micros, transaction::Tx};
use dispatcher_domain::{MessageId, StatusReason};

/// The doubt about an earlier send stays in its count. In a file of its own, so
/// that a test can ask for its plan.
const EXPIRE: &str = include_str!("expire.sql");

/// Messages that are over become `expired`, at most `limit` of them.
pub(crate) fn expire(tx: &Tx<'_>, limit: u32) -> rusqlite::Result<Vec<MessageId>> {
    let params = (Micros(tx.now), limit, StatusReason::EXPIRED.as_str().to_owned());
    let mut ids = tx.query(EXPIRE, params, |row| Ok(MessageId(row.get(0)?)))?;
    ids.sort_unstable();
    Ok(ids)
}
