//! What operators decide: the row is locked, judged and changed in one
//! transaction, which locks nothing else.

use crate::{Db, summary, transaction::Transaction};
use async_trait::async_trait;
use dispatcher_domain::{
    Change, IdempotencyKey, MessageId, OperatorRequest, Ruling, Standing,
    ports::{Decided, Decision, MessageControl, StoreError},
};
use jiff::Timestamp;
use std::time::Duration;
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

/// [`MessageControl`] on the table `messages`.
pub struct PgMessageControl {
    db: Db,
}

impl PgMessageControl {
    /// Over a pool.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl MessageControl for PgMessageControl {
    async fn decide(
        &self,
        id: MessageId,
        request: &OperatorRequest,
        key_window: Duration,
    ) -> Result<Decided, StoreError> {
        let tx = self.db.begin().await?;
        let Some(row) = Locked::take(&tx, id).await? else {
            tx.rollback().await?;
            return Ok(Decided::NotFound);
        };
        match request.judge(&row.standing, key_window) {
            Err(refusal) => {
                tx.rollback().await?;
                Ok(Decided::Refused(refusal))
            }
            // What was decided before may not be on the standby yet, if nobody was
            // told that it is. Taking the lock is a change that a COMMIT waits for,
            // and with it for everything older.
            Ok(Ruling::AlreadySo) => {
                tx.commit().await?;
                Ok(Decided::Done(row.decision(None)))
            }
            Ok(Ruling::Change(change)) => {
                write(&tx, id, &change).await?;
                tx.commit().await?;
                Ok(Decided::Done(row.decision(Some(&change))))
            }
        }
    }
}

/// A message that nobody else can change until the transaction ends.
struct Locked {
    uuid: Uuid,
    key_epoch: i32,
    standing: Standing,
}

impl Locked {
    /// Waits for whoever has it: after a START it is `sending` here.
    async fn take(tx: &Transaction, id: MessageId) -> Result<Option<Self>, StoreError> {
        let sql = "SELECT uuid, key_epoch, status, attempt, unknown_outcomes, provider_message_id \
                   FROM messages WHERE id = $1 FOR UPDATE";
        let Some(row) = tx.query_opt(sql, &[(&id.0, Type::INT8)]).await? else { return Ok(None) };
        let (uuid, key_epoch) = (row.get("uuid"), row.get("key_epoch"));
        // A statement of its own: it sees the attempts of whoever we waited for.
        let key_age = key_age(tx, uuid, key_epoch).await?;
        Ok(Some(Self { uuid, key_epoch, standing: standing(&row, key_age)? }))
    }

    fn decision(&self, change: Option<&Change>) -> Decision {
        let was = self.standing.status;
        let status = change.map_or(was, |change| change.status);
        let settled = change.is_some_and(|change| change.settled);
        let new_key = change.is_some_and(|change| change.new_key);
        let doubt = self.standing.unknown_outcomes > 0 && !settled;
        Decision {
            was,
            status,
            changed: change.is_some(),
            maybe_sent: doubt && !status.is_accepted(),
            key: IdempotencyKey::new(self.uuid, self.key_epoch + i32::from(new_key)),
        }
    }
}

fn standing(row: &Row, key_age: Option<Duration>) -> Result<Standing, StoreError> {
    Ok(Standing {
        status: summary::status(row)?,
        attempt: row.get("attempt"),
        unknown_outcomes: row.get::<_, i32>("unknown_outcomes").unsigned_abs(),
        key_age,
        provider_message_id: row.get("provider_message_id"),
    })
}

async fn key_age(
    tx: &Transaction,
    uuid: Uuid,
    key_epoch: i32,
) -> Result<Option<Duration>, StoreError> {
    // The provider has not seen the key of a send that never left.
    let sql = "SELECT min(started_at) AS first, dispatch_now() AS now FROM attempts \
               WHERE message_uuid = $1 AND key_epoch = $2 AND NOT coalesce( \
                   outcome = 'released' OR outcome = 'not_sent' AND http_status IS NULL, FALSE)";
    let row = tx.query_opt(sql, &[(&uuid, Type::UUID), (&key_epoch, Type::INT4)]).await?;
    let Some(row) = row else { return Ok(None) };
    let (first, now): (Option<Timestamp>, Timestamp) = (row.get("first"), row.get("now"));
    // Negative only after the clock was set back: as if it were new.
    Ok(first.map(|first| Duration::try_from(now.duration_since(first)).unwrap_or_default()))
}

/// The row is locked, so its id is enough.
async fn write(tx: &Transaction, id: MessageId, change: &Change) -> Result<(), StoreError> {
    let sql = "\
        UPDATE messages SET status = $2, sent = $3, status_reason = $4, not_before = NULL, \
            resend_until = NULL, lease_token = NULL, \
            expires_at = CASE WHEN $2 = 'queued' AND expires_at <= dispatch_now() THEN NULL \
                              ELSE expires_at END, \
            key_epoch = key_epoch + $5, \
            tries_used = CASE WHEN $2 = 'queued' THEN 0 ELSE tries_used END, \
            unknown_outcomes = CASE WHEN $6 THEN 0 ELSE unknown_outcomes END, \
            sent_at = CASE WHEN $2 = 'sent' THEN dispatch_now() ELSE sent_at END, \
            provider_message_id = coalesce($7, provider_message_id) \
        WHERE id = $1";
    let provider_message_id = change.provider_message_id.as_ref().map(|id| id.as_str());
    let params = [
        (&id.0 as _, Type::INT8),
        (&change.status.as_str() as _, Type::TEXT),
        (&change.status.legacy_sent() as _, Type::BOOL),
        (&change.reason.as_str() as _, Type::TEXT),
        (&i32::from(change.new_key) as _, Type::INT4),
        (&change.settled as _, Type::BOOL),
        (&provider_message_id as _, Type::TEXT),
    ];
    tx.execute(sql, &params).await?;
    Ok(())
}
