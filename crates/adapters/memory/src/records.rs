//! Rows, as readers see them.

use crate::{AttemptRow, MessageRow};
use dispatcher_domain::{
    IdempotencyKey,
    ports::{AttemptRecord, MessageSummary, SentMessage},
};

pub(crate) fn summary(row: &MessageRow) -> MessageSummary {
    MessageSummary {
        id: row.id,
        phone_number: row.phone_number.clone(),
        content: row.content.clone(),
        derived: row.shown(),
        status: row.status,
        status_reason: row.status_reason.as_ref().map(|reason| reason.as_str().to_owned()),
        created_at: row.created_at,
        not_before: row.not_before,
        expires_at: row.expires_at,
        priority: row.priority,
        sent_at: row.sent_at,
        provider_message_id: row.provider_message_id.clone(),
        unknown_outcomes: row.unknown_outcomes.unsigned_abs(),
        attempt: row.attempt,
        key: IdempotencyKey::new(row.uuid, row.key_epoch),
    }
}

pub(crate) fn attempt(row: AttemptRow) -> AttemptRecord {
    AttemptRecord {
        attempt: row.attempt,
        key: IdempotencyKey::new(row.message_uuid, row.key_epoch),
        instance: row.instance,
        started_at: row.started_at,
        finished_at: row.finished_at,
        outcome: row.outcome.map(str::to_owned),
        reason: row.reason,
        http_status: row.http_status,
    }
}

pub(crate) fn sent(row: &MessageRow) -> SentMessage {
    SentMessage {
        id: row.id,
        phone_number: row.phone_number.clone(),
        content: row.content.clone(),
        status: row.status,
        created_at: row.created_at,
        sent_at: row.sent_at,
        provider_message_id: row.provider_message_id.clone(),
    }
}
