//! After a restore: what is not sent here although the provider has it.
//!
//! A database that was restored, or a standby that was promoted without its last
//! moments, has forgotten sends. Their receipts in Redis and the provider have
//! not.

use crate::Decide;
use dispatcher_domain::{
    CachedReceipt, IdempotencyKey, LookUp, MessageId, OperatorCommand, OperatorRequest,
    ProviderMessageId, Status,
    ports::{
        CacheError, CacheReach, Decided, DeliveryCache, DispatchControl, MessageArchive,
        MessageSummary, SentCursor, SmsGateway, StoreError,
    },
};
use futures_util::{StreamExt, stream};
use std::{collections::HashMap, sync::Arc};

/// Messages of one question to store and cache.
const PAGE: u32 = 500;
/// Most questions to the provider at once.
const LOOK_UPS: usize = 8;
/// What may have been sent since. `sending` ends as `unconfirmed` by itself, and
/// a requeue gave what is `rejected` another life.
const LOOKED_AT: [Status; 5] =
    [Status::Queued, Status::Unconfirmed, Status::Expired, Status::Canceled, Status::Failed];

/// What a [`Reconcile`] needs of the outside world.
pub struct ReconcilePorts {
    /// What the store says.
    pub archive: Arc<dyn MessageArchive>,
    /// Whether it sends meanwhile.
    pub control: Arc<dyn DispatchControl>,
    /// Where receipts are kept.
    pub cache: Arc<dyn DeliveryCache>,
    /// The provider, which may be able to look a message up.
    pub gateway: Arc<dyn SmsGateway>,
}

/// Compares what the store says with receipts and the provider's word.
pub struct Reconcile {
    ports: ReconcilePorts,
    decide: Decide,
}

/// A message that the provider has accepted, and the store does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    /// Row id.
    pub id: MessageId,
    /// What the store says of it.
    pub status: Status,
    /// The key it was accepted under.
    pub key: IdempotencyKey,
    /// Who says so.
    pub witness: Witness,
    /// The provider's id, if it gave one.
    pub provider_message_id: Option<ProviderMessageId>,
    /// Its last attempt that the store knows.
    attempt: i32,
}

/// Who says that a message was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Witness {
    /// A receipt in Redis.
    Receipt,
    /// The provider, asked by `PROVIDER_LOOKUP_URL`.
    Provider,
}

impl Witness {
    /// A word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Provider => "look_up",
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Messages that were compared.
    pub looked_at: u64,
    /// Of these, accepted by the provider.
    pub forgotten: u64,
    /// Of these, `sent` now.
    pub settled: u64,
    /// Questions that the provider did not answer: nothing is known of these.
    pub unanswered: u64,
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// Neither receipts nor a provider that can be asked.
    #[error(
        "there is nothing to compare with: set REDIS_URL, where the receipts are, or \
         PROVIDER_LOOKUP_URL, if the provider can be asked"
    )]
    NoWitness,
    /// Only what stands still can be settled.
    #[error("sending is on, and would overtake what is settled: POST /api/messaging/stop first")]
    Running,
    /// A receipt that cannot be seen is not absent.
    #[error("the receipts cannot be read")]
    Cache(#[from] CacheError),
    /// The store's.
    #[error("the message store does not answer as it should")]
    Store(#[from] StoreError),
}

impl Reconcile {
    /// Settles by `decide`, which keeps a log of it.
    #[must_use]
    pub fn new(ports: ReconcilePorts, decide: Decide) -> Self {
        Self { ports, decide }
    }

    /// Compares all messages that are not sent, and tells each that was sent all
    /// the same, and whether it is `sent` now: it is if `settle` asks for that,
    /// and nobody was faster.
    ///
    /// # Errors
    /// [`ReconcileError`]; what was told before was so.
    pub async fn run(
        &self,
        settle: bool,
        mut tell: impl FnMut(&Forgotten, bool),
    ) -> Result<Reconciled, ReconcileError> {
        if settle && self.ports.control.snapshot().await?.state.enabled {
            return Err(ReconcileError::Running);
        }
        let shared = self.ports.cache.ping().await? == CacheReach::Shared;
        let mut reconciled = Reconciled::default();
        for status in LOOKED_AT {
            let mut after: Option<SentCursor> = None;
            loop {
                let page = self.ports.archive.list(status, after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.cursor());
                reconciled.looked_at += page.len() as u64;
                for forgotten in self.compare(page, shared, &mut reconciled.unanswered).await? {
                    let settled = settle && self.settle(&forgotten).await?;
                    reconciled.forgotten += 1;
                    reconciled.settled += u64::from(settled);
                    tell(&forgotten, settled);
                }
            }
        }
        Ok(reconciled)
    }

    /// Those of a page that were accepted.
    async fn compare(
        &self,
        page: Vec<MessageSummary>,
        shared: bool,
        unanswered: &mut u64,
    ) -> Result<Vec<Forgotten>, ReconcileError> {
        let keys: Vec<_> = page.iter().map(|message| message.key.clone()).collect();
        let receipts =
            if shared { self.ports.cache.receipts(&keys).await? } else { HashMap::new() };
        let mut answers = stream::iter(page)
            .map(|message| {
                let receipt = receipts.get(&message.key).cloned();
                self.ask(message, receipt)
            })
            .buffered(LOOK_UPS);
        let mut forgotten = Vec::new();
        while let Some(answer) = answers.next().await {
            match answer {
                Answer::Accepted(message) => forgotten.push(message),
                Answer::No => {}
                Answer::None => *unanswered += 1,
                Answer::Nobody if shared => {}
                Answer::Nobody => return Err(ReconcileError::NoWitness),
            }
        }
        Ok(forgotten)
    }

    async fn ask(&self, message: MessageSummary, receipt: Option<CachedReceipt>) -> Answer {
        let (witness, provider_message_id) = match receipt {
            Some(receipt) => (Witness::Receipt, receipt.provider_message_id),
            None => match self.ports.gateway.look_up(&message.key).await {
                LookUp::Accepted { provider_message_id } => {
                    (Witness::Provider, Some(provider_message_id))
                }
                LookUp::NotKnown => return Answer::No,
                LookUp::Failed => return Answer::None,
                LookUp::Unsupported => return Answer::Nobody,
            },
        };
        let MessageSummary { id, status, key, attempt, .. } = message;
        Answer::Accepted(Forgotten { id, status, key, witness, provider_message_id, attempt })
    }

    /// Whether it is `sent` now. What is queued has to leave the queue first: a
    /// crash in between leaves it canceled, where the next run finds it.
    async fn settle(&self, message: &Forgotten) -> Result<bool, StoreError> {
        if message.status == Status::Queued
            && !self.is_done(message, OperatorCommand::Cancel).await?
        {
            return Ok(false);
        }
        let provider_message_id = message.provider_message_id.clone();
        self.is_done(message, OperatorCommand::ResolveSent { provider_message_id }).await
    }

    async fn is_done(
        &self,
        message: &Forgotten,
        command: OperatorCommand,
    ) -> Result<bool, StoreError> {
        let request = OperatorRequest { command, seen_attempt: Some(message.attempt) };
        let decided = self.decide.run(message.id, &request).await?;
        Ok(matches!(decided, Decided::Done(_)))
    }
}

/// What is known of one message.
enum Answer {
    Accepted(Forgotten),
    /// Not by anybody who was asked.
    No,
    /// The provider was asked, and did not answer.
    None,
    /// There is no receipt, and the provider cannot be asked.
    Nobody,
}

#[cfg(test)]
mod tests;
