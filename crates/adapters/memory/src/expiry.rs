//! Messages that were not sent in time.

use crate::{MessageRow, tables::Tables};
use dispatcher_domain::{MessageId, Status, StatusReason};
use jiff::Timestamp;

/// Messages that are over become `expired`, at most `limit` of them.
pub(crate) fn expire(tables: &mut Tables, limit: u32, now: Timestamp) -> Vec<MessageId> {
    let mut over: Vec<&mut MessageRow> =
        tables.messages.values_mut().filter(|row| row.is_overdue(now)).collect();
    over.sort_by_key(|row| (row.expires_at, row.id));
    over.truncate(limit as usize);
    let mut ids: Vec<MessageId> = over
        .into_iter()
        .map(|row| {
            row.become_status(Status::Expired, Some(StatusReason::EXPIRED));
            row.not_before = None;
            row.resend_until = None;
            row.id
        })
        .collect();
    ids.sort_unstable();
    ids
}
