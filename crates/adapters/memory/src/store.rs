//! The store: tables behind one lock, so that each call is a transaction.

use crate::{AttemptRow, MessageRow, claim, completion, expiry, operator, records, tables::Tables};
use async_trait::async_trait;
use dispatcher_domain::{
    Claim, ClaimRequest, Completion, DispatchPolicy, Lease, LeaseToken, MessageId, NewMessage,
    OperatorRequest, Status, Terms,
    ports::{
        ControlSnapshot, Decided, DispatchControl, Enqueued, MessageArchive, MessageControl,
        MessageRecord, MessageRepo, MessageSummary, Recorded, Rescued, SentCursor, SentMessage,
        StoreError,
    },
};
use jiff::Timestamp;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Messages, attempts and the control row in memory; clones share them, as
/// replicas share a database.
#[derive(Clone)]
pub struct MemoryStore {
    tables: Arc<Mutex<Tables>>,
    pub(crate) now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl MemoryStore {
    /// An empty store whose time is `now`, in microseconds as databases keep it.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        let now = move || {
            let now = now();
            Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
        };
        Self { tables: Arc::new(Mutex::new(Tables::new())), now: Arc::new(now) }
    }

    /// Writes a row as a program would by SQL: nothing is checked.
    pub fn insert_unchecked(&self, phone_number: &str, content: &str) -> MessageId {
        let now = (self.now)();
        self.tables().insert(phone_number, content, now)
    }

    /// Changes a row as a program would by SQL; `None` when there is none.
    pub fn edit<T>(&self, id: MessageId, change: impl FnOnce(&mut MessageRow) -> T) -> Option<T> {
        self.tables().messages.get_mut(&id).map(change)
    }

    /// The attempts of a message, oldest first.
    #[must_use]
    pub fn attempts(&self, id: MessageId) -> Vec<AttemptRow> {
        let tables = self.tables();
        let uuid = tables.messages.get(&id).map(|row| row.uuid);
        tables.attempts.iter().filter(|row| Some(row.message_uuid) == uuid).cloned().collect()
    }

    /// A panic elsewhere must not take the queue with it: each call leaves the
    /// tables whole before it does anything that may panic.
    pub(crate) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn time(&self) -> Timestamp {
        (self.now)()
    }
}

#[async_trait]
impl MessageRepo for MemoryStore {
    async fn enqueue(&self, message: &NewMessage, terms: &Terms) -> Result<Enqueued, StoreError> {
        let created_at = (self.now)();
        let mut tables = self.tables();
        let id = tables.insert(message.phone_number.as_str(), message.body.as_str(), created_at);
        if let Some(row) = tables.messages.get_mut(&id) {
            row.derived = Some(message.derived());
            row.not_before = terms.not_before;
            row.expires_at = terms.expires_at;
            row.priority = terms.priority.get();
        }
        Ok(Enqueued { id, status: Status::Queued, created_at })
    }

    async fn claim_due(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        Ok(claim::claim_due(&mut self.tables(), request, (self.now)()))
    }

    async fn record_outcome(
        &self,
        id: MessageId,
        lease: &Lease,
        completion: &Completion,
    ) -> Result<Recorded, StoreError> {
        Ok(completion::record(&mut self.tables(), id, lease, completion, (self.now)()))
    }

    async fn release(&self, id: MessageId, lease: &Lease) -> Result<bool, StoreError> {
        Ok(completion::release(&mut self.tables(), id, lease, (self.now)()))
    }

    async fn release_claim(&self, token: LeaseToken) -> Result<u64, StoreError> {
        Ok(completion::release_claim(&mut self.tables(), token, (self.now)()))
    }

    async fn expire_overdue(&self, limit: u32) -> Result<Vec<MessageId>, StoreError> {
        Ok(expiry::expire(&mut self.tables(), limit, (self.now)()))
    }

    async fn rescue_expired(
        &self,
        grace: Duration,
        limit: u32,
    ) -> Result<Vec<Rescued>, StoreError> {
        Ok(completion::rescue(&mut self.tables(), grace, limit, (self.now)()))
    }
}

#[async_trait]
impl DispatchControl for MemoryStore {
    async fn set_enabled(&self, enabled: bool) -> Result<bool, StoreError> {
        let now = (self.now)();
        Ok(self.tables().control.switch(now, enabled))
    }

    async fn install_policy(&self, policy: DispatchPolicy) -> Result<(), StoreError> {
        let now = (self.now)();
        let mut tables = self.tables();
        let sending = tables.messages.values().filter(|row| row.status == Status::Sending);
        let leased_until = sending.filter_map(|row| row.lease_until).max();
        tables.control.install(now, policy, leased_until);
        Ok(())
    }

    async fn snapshot(&self) -> Result<ControlSnapshot, StoreError> {
        let now = (self.now)();
        let tables = self.tables();
        let in_flight = tables.messages.values().filter(|row| {
            row.status == Status::Sending && row.lease_until.is_some_and(|until| until > now)
        });
        Ok(ControlSnapshot {
            state: tables.control.clone(),
            now,
            in_flight: in_flight.count() as u64,
        })
    }
}

#[async_trait]
impl MessageControl for MemoryStore {
    async fn decide(
        &self,
        id: MessageId,
        request: &OperatorRequest,
        key_window: Duration,
    ) -> Result<Decided, StoreError> {
        Ok(operator::decide(&mut self.tables(), id, request, key_window, (self.now)()))
    }
}

#[async_trait]
impl MessageArchive for MemoryStore {
    async fn sent_after(
        &self,
        cursor: Option<SentCursor>,
        limit: u32,
    ) -> Result<Vec<SentMessage>, StoreError> {
        let tables = self.tables();
        let accepted = tables.messages.values().filter(|row| row.status.is_accepted());
        let mut entries: Vec<SentMessage> = accepted
            .map(records::sent)
            .filter(|entry| cursor.is_none_or(|cursor| entry.cursor() > cursor))
            .collect();
        entries.sort_by_key(SentMessage::cursor);
        entries.truncate(limit as usize);
        Ok(entries)
    }

    async fn count_sent(&self) -> Result<u64, StoreError> {
        let tables = self.tables();
        Ok(tables.messages.values().filter(|row| row.status.is_accepted()).count() as u64)
    }

    async fn list(
        &self,
        status: Status,
        cursor: Option<SentCursor>,
        limit: u32,
    ) -> Result<Vec<MessageSummary>, StoreError> {
        let tables = self.tables();
        let of_status = tables.messages.values().filter(|row| row.status == status);
        let mut messages: Vec<MessageSummary> = of_status
            .map(records::summary)
            .filter(|message| cursor.is_none_or(|cursor| message.cursor() > cursor))
            .collect();
        messages.sort_by_key(MessageSummary::cursor);
        messages.truncate(limit as usize);
        Ok(messages)
    }

    async fn find(&self, id: MessageId) -> Result<Option<MessageRecord>, StoreError> {
        let message = self.edit(id, |row| records::summary(row));
        let attempts = self.attempts(id).into_iter().map(records::attempt).collect();
        Ok(message.map(|message| MessageRecord { message, attempts }))
    }
}
