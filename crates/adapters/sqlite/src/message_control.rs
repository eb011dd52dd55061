//! What operators decide: the row is judged and changed in one transaction,
//! with no other that writes beside it.

use crate::{
    Db,
    columns::{Micros, Word, text, time},
    transaction::Tx,
};
use async_trait::async_trait;
use dispatcher_domain::{
    Change, IdempotencyKey, MessageId, OperatorRequest, ProviderMessageId, Ruling, Standing,
    ports::{Decided, Decision, MessageControl, StoreError},
};
use jiff::Timestamp;
use rusqlite::{Row, named_params};
use std::time::Duration;
use uuid::Uuid;

/// [`MessageControl`] on the table `messages`.
pub struct SqliteMessageControl {
    db: Db,
}

impl SqliteMessageControl {
    /// Over an open file.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl MessageControl for SqliteMessageControl {
    async fn decide(
        &self,
        id: MessageId,
        request: &OperatorRequest,
        key_window: Duration,
    ) -> Result<Decided, StoreError> {
        let request = request.clone();
        self.db.write(move |tx| decide(tx, id, &request, key_window)).await
    }
}

fn decide(
    tx: &Tx<'_>,
    id: MessageId,
    request: &OperatorRequest,
    key_window: Duration,
) -> rusqlite::Result<Decided> {
    let found = tx.query_opt(FIND, [id.0], |row| Found::of(row, tx.now))?;
    let Some(found) = found else { return Ok(Decided::NotFound) };
    Ok(match request.judge(&found.standing, key_window) {
        Err(refusal) => Decided::Refused(refusal),
        Ok(Ruling::AlreadySo) => Decided::Done(found.decision(None)),
        Ok(Ruling::Change(change)) => {
            write(tx, id, &change)?;
            Decided::Done(found.decision(Some(&change)))
        }
    })
}

const FIND: &str = "\
    SELECT uuid, key_epoch, status, attempt, unknown_outcomes, provider_message_id, \
        (SELECT min(started_at) FROM attempts a \
         WHERE a.message_uuid = m.uuid AND a.key_epoch = m.key_epoch AND NOT coalesce( \
             a.outcome = 'released' OR a.outcome = 'not_sent' AND a.http_status IS NULL, FALSE)) \
            AS key_used_since \
    FROM messages m WHERE id = ?1";

/// The message as it stands.
struct Found {
    uuid: Uuid,
    key_epoch: i32,
    standing: Standing,
}

impl Found {
    fn of(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<Self> {
        let first = time(row, "key_used_since")?;
        // Negative only after the clock was set back: as if it were new.
        let age = |first| Duration::try_from(now.duration_since(first)).unwrap_or_default();
        let standing = Standing {
            status: row.get::<_, Word<_>>("status")?.0,
            attempt: row.get("attempt")?,
            unknown_outcomes: row.get("unknown_outcomes")?,
            key_age: first.map(age),
            provider_message_id: text(row, "provider_message_id")?,
        };
        let uuid = row.get::<_, Word<_>>("uuid")?.0;
        Ok(Self { uuid, key_epoch: row.get("key_epoch")?, standing })
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

/// A requeue is the operator's own word: the time of an earlier resend, which
/// counts for an earlier key, must not outlive it.
const WRITE: &str = "\
    UPDATE messages SET status = :status, sent = :sent, status_reason = :reason, \
        not_before = NULL, resend_until = NULL, lease_token = NULL, \
        expires_at = CASE WHEN :status = 'queued' AND expires_at <= :now THEN NULL \
                          ELSE expires_at END, \
        key_epoch = key_epoch + :new_key, \
        tries_used = CASE WHEN :status = 'queued' THEN 0 ELSE tries_used END, \
        unknown_outcomes = CASE WHEN :settled THEN 0 ELSE unknown_outcomes END, \
        sent_at = CASE WHEN :status = 'sent' THEN :now ELSE sent_at END, \
        provider_message_id = coalesce(:provider_message_id, provider_message_id) \
    WHERE id = :id";

fn write(tx: &Tx<'_>, id: MessageId, change: &Change) -> rusqlite::Result<usize> {
    let provider_message_id = change.provider_message_id.as_ref();
    tx.execute(
        WRITE,
        named_params! {
            ":id": id.0,
            ":status": change.status.as_str(),
            ":sent": change.status.legacy_sent(),
            ":reason": change.reason.as_str(),
            ":new_key": change.new_key,
            ":settled": change.settled,
            ":now": Micros(tx.now),
            ":provider_message_id": provider_message_id.map(ProviderMessageId::as_str),
        },
    )
}
