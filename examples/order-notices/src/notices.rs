//! What the shop does with SMS messages.

use anyhow::{Context, bail};
use dispatcher_domain::{
    MessageBody, MessageId, MessageLimits, NewMessage, PhoneNumber, Terms,
    ports::{DeliveryCache, MessageArchive, MessageRepo, StoreError},
};
use dispatcher_postgres::{Db, PgMessageArchive, PgMessageRepo};
use dispatcher_redis::RedisDeliveryCache;

/// Queues notices, and knows what became of them.
pub struct Notices {
    queue: PgMessageRepo,
    archive: PgMessageArchive,
    cache: RedisDeliveryCache,
}

impl Notices {
    /// Notices in this database, with what was delivered lately in this cache.
    #[must_use]
    pub fn new(db: &Db, cache: RedisDeliveryCache) -> Self {
        let (queue, archive) = (PgMessageRepo::new(db.clone()), PgMessageArchive::new(db.clone()));
        Self { queue, archive, cache }
    }

    /// Tells a customer that the parcel is on its way.
    ///
    /// # Errors
    /// When the number is none, or the message is not known to be in the queue.
    pub async fn order_shipped(&self, order: &str, phone: &str) -> anyhow::Result<MessageId> {
        let text = format!("Your order {order} is on its way.");
        let message = NewMessage {
            phone_number: PhoneNumber::parse(phone).context("the customer's number")?,
            body: MessageBody::parse(&text, &MessageLimits::default()).context("the text")?,
        };
        match self.queue.enqueue(&message, &Terms::default()).await {
            // It is on the disk: it will be sent, or somebody will be told why not.
            Ok(enqueued) => Ok(enqueued.id),
            // The answer to COMMIT was lost. To try again might tell the customer twice: a person looks first.
            Err(StoreError::Unconfirmed(error)) => {
                bail!("order {order}: nobody knows whether the notice is queued: {error}")
            }
            // Nothing happened: to try again is safe.
            Err(error) => Err(error).with_context(|| format!("order {order}: not queued")),
        }
    }

    /// What became of a notice, in words.
    ///
    /// # Errors
    /// When there is none of this id, or the database does not answer.
    pub async fn whereabouts(&self, notice: MessageId) -> anyhow::Result<String> {
        // Quick, and spares the database. A cache that is down or has forgotten says nothing: the database knows.
        let delivered = self.cache.lookup(&[notice]).await.unwrap_or_default();
        if let Some(delivery) = delivered.get(&notice) {
            return Ok(format!("sent, the provider calls it {}", delivery.provider_message_id));
        }
        let found = self.archive.find(notice).await?;
        let message = found.with_context(|| format!("there is no notice {notice}"))?.message;
        let mut words = message.status.as_str().to_owned();
        if let Some(reason) = &message.status_reason {
            words.push_str(&format!(" ({reason})"));
        }
        if let Some(id) = &message.provider_message_id {
            words.push_str(&format!(", the provider calls it {id}"));
        }
        Ok(words)
    }
}
