//! Messages in doubt: taken in turn, and settled.

use crate::{AttemptRow, MemoryStore, MessageRow, tables::Tables};
use async_trait::async_trait;
use dispatcher_domain::{
    DoubtfulAttempt, InDoubt, ProbeBackoff, Proof, Resolution, Status, StatusReason,
    ports::{DoubtfulMessages, StoreError},
};
use jiff::Timestamp;

#[async_trait]
impl DoubtfulMessages for MemoryStore {
    async fn take_in_doubt(
        &self,
        limit: u32,
        backoff: &ProbeBackoff,
    ) -> Result<Vec<InDoubt>, StoreError> {
        Ok(take(&mut self.tables(), limit, backoff, self.time()))
    }

    async fn settle(&self, doubt: &InDoubt, resolution: &Resolution) -> Result<bool, StoreError> {
        Ok(settle(&mut self.tables(), doubt, resolution, self.time()))
    }
}

/// A resend whose time is over before its turn has come.
pub(crate) fn doubt_again(row: &mut MessageRow) {
    row.become_status(Status::Unconfirmed, Some(StatusReason::KEY_WINDOW_OVER));
    row.not_before = None;
    row.resend_until = None;
    row.next_probe_at = Timestamp::UNIX_EPOCH;
}

fn take(tables: &mut Tables, limit: u32, backoff: &ProbeBackoff, now: Timestamp) -> Vec<InDoubt> {
    let Tables { messages, attempts, .. } = tables;
    let mut due: Vec<&mut MessageRow> = messages
        .values_mut()
        .filter(|row| row.status == Status::Unconfirmed)
        .filter(|row| row.next_probe_at <= now || row.next_probe_at > now + backoff.cap * 2)
        .collect();
    due.sort_by_key(|row| (row.next_probe_at, row.id));
    due.truncate(limit as usize);
    due.into_iter()
        .map(|row| {
            row.next_probe_at = now + backoff.after(row.probes);
            row.probes = row.probes.saturating_add(1);
            in_doubt(row, attempts, now)
        })
        .collect()
}

fn in_doubt(row: &MessageRow, attempts: &[AttemptRow], now: Timestamp) -> InDoubt {
    let of_message = || attempts.iter().filter(|it| it.message_uuid == row.uuid);
    let of_key = || of_message().filter(|it| it.key_epoch == row.key_epoch);
    let used_since = of_key().filter(|it| it.may_have_left()).map(|it| it.started_at).min();
    InDoubt {
        id: row.id,
        uuid: row.uuid,
        key_epoch: row.key_epoch,
        attempt: row.attempt,
        attempts: of_message().filter(|it| is_doubtful(it)).map(doubtful).collect(),
        tries_used: row.tries_used.unsigned_abs(),
        // If none left, as an owner may tell that comes back after its lease.
        key_used_since: used_since.or_else(|| of_key().map(|it| it.started_at).min()),
        reason: row.status_reason.clone().unwrap_or_else(|| StatusReason::stored(None)),
        now,
    }
}

fn is_doubtful(attempt: &AttemptRow) -> bool {
    matches!(attempt.outcome, None | Some("unknown" | "abandoned"))
}

fn doubtful(row: &AttemptRow) -> DoubtfulAttempt {
    DoubtfulAttempt { attempt: row.attempt, token: row.lease_token, started_at: row.started_at }
}

fn settle(tables: &mut Tables, doubt: &InDoubt, resolution: &Resolution, now: Timestamp) -> bool {
    let Tables { messages, attempts, .. } = tables;
    let proven_by = match resolution {
        Resolution::Sent { proof: Proof::Receipt { attempt, token }, .. } => Some((attempt, token)),
        _ => None,
    };
    let mut receipt = proven_by.map(|(attempt, token)| {
        let on_record = |it: &&mut AttemptRow| {
            it.message_uuid == doubt.uuid && it.attempt == *attempt && it.lease_token == *token
        };
        attempts.iter_mut().find(on_record)
    });
    let row = messages.get_mut(&doubt.id).filter(|row| {
        row.uuid == doubt.uuid
            && row.status == Status::Unconfirmed
            && row.attempt == doubt.attempt
            && row.key_epoch == doubt.key_epoch
    });
    let Some(row) = row.filter(|_| !matches!(receipt, Some(None))) else { return false };
    if let Some(Some(attempt)) = &mut receipt {
        attempt.end(now, "accepted", resolution.reason().map(|it| it.as_str().to_owned()));
    }
    apply(row, resolution, now);
    true
}

fn apply(row: &mut MessageRow, resolution: &Resolution, now: Timestamp) {
    let status = match resolution {
        Resolution::Sent { provider_message_id, .. } => {
            row.sent_at = Some(now);
            row.provider_message_id = provider_message_id.as_ref().map(|id| id.as_str().to_owned());
            Status::Sent
        }
        Resolution::Resend { after, until } => {
            row.not_before = (!after.is_zero()).then(|| now + *after);
            row.resend_until = *until;
            Status::Queued
        }
        Resolution::Fail => Status::Failed,
        Resolution::Wait { .. } => Status::Unconfirmed,
    };
    let reason = resolution.reason().or_else(|| row.status_reason.clone());
    row.become_status(status, reason);
}
