//! The tables, and the small questions put to them.

use crate::{AttemptRow, MessageRow};
use dispatcher_domain::{ControlState, DispatchPolicy, Lease, MessageId};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(crate) struct Tables {
    pub(crate) messages: BTreeMap<MessageId, MessageRow>,
    pub(crate) attempts: Vec<AttemptRow>,
    pub(crate) control: ControlState,
    last_id: i64,
}

impl Tables {
    pub(crate) fn new() -> Self {
        Self {
            messages: BTreeMap::new(),
            attempts: Vec::new(),
            control: ControlState::new(DispatchPolicy::default()),
            last_id: 0,
        }
    }

    pub(crate) fn truncate(&mut self) {
        self.messages.clear();
        self.last_id = 0;
    }

    pub(crate) fn insert(
        &mut self,
        phone_number: &str,
        content: &str,
        now: Timestamp,
    ) -> MessageId {
        self.last_id += 1;
        let id = MessageId(self.last_id);
        let row = MessageRow {
            id,
            uuid: Uuid::new_v4(),
            phone_number: phone_number.to_owned(),
            content: content.to_owned(),
            created_at: now,
            status: dispatcher_domain::Status::Queued,
            status_reason: None,
            priority: 0,
            not_before: None,
            expires_at: None,
            key_epoch: 0,
            attempt: 0,
            tries_used: 0,
            unknown_outcomes: 0,
            started_at: None,
            lease_token: None,
            lease_until: None,
            resend_until: None,
            next_probe_at: Timestamp::UNIX_EPOCH,
            probes: 0,
            sent_at: None,
            provider_message_id: None,
            derived: None,
        };
        self.messages.insert(id, row);
        id
    }

    /// The message under `lease`, if status, token and attempt all agree.
    pub(crate) fn owned(&mut self, id: MessageId, lease: &Lease) -> Option<&mut MessageRow> {
        self.messages.get_mut(&id).filter(|row| {
            row.status == dispatcher_domain::Status::Sending
                && row.uuid == lease.uuid
                && row.lease_token == Some(lease.token)
                && row.attempt == lease.attempt
        })
    }

    pub(crate) fn attempt(&mut self, lease: &Lease) -> Option<&mut AttemptRow> {
        self.attempts.iter_mut().rev().find(|attempt| {
            attempt.message_uuid == lease.uuid
                && attempt.attempt == lease.attempt
                && attempt.lease_token == lease.token
        })
    }
}
