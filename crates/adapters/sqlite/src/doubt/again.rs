//! Resends whose time was over before their turn came.

use crate::transaction::Tx;
use dispatcher_domain::{MessageId, StatusReason};

/// A provider that has forgotten the key would take it for a new message: it
/// is in doubt again, and costs nothing.
pub(crate) fn again(tx: &Tx<'_>, id: MessageId) -> rusqlite::Result<usize> {
    let sql = "UPDATE messages SET status = 'unconfirmed', sent = NULL, status_reason = ?2, \
                   resend_until = NULL, next_probe_at = 0 \
               WHERE id = ?1";
    tx.execute(sql, (id.0, StatusReason::KEY_WINDOW_OVER.as_str()))
}
