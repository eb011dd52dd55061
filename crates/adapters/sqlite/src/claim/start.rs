//! From picked to `sending`.

use crate::{
    columns::{Micros, Word, micros},
    derived::phone_e164,
    transaction::Tx,
};
use dispatcher_domain::{
    ClaimRequest, ClaimedMessage, IdempotencyKey, Lease, MessageId, NewMessage,
};
use uuid::Uuid;

/// Makes the picked rows `sending` and writes their attempts.
pub(super) fn start(
    tx: &Tx<'_>,
    request: &ClaimRequest,
    picked: Vec<(MessageId, NewMessage)>,
    paced: bool,
) -> rusqlite::Result<Vec<ClaimedMessage>> {
    picked.into_iter().map(|(id, message)| start_one(tx, request, id, message, paced)).collect()
}

const START: &str = "\
    UPDATE messages SET status = 'sending', sent = NULL, status_reason = NULL, \
        attempt = attempt + 1, started_at = ?2, lease_until = ?2 + ?3, lease_token = ?4, \
        lane = ?5, next_probe_at = 0, probes = 0, \
        encoding = ?6, segments = ?7, phone_e164 = ?8 \
    WHERE id = ?1 RETURNING uuid, key_epoch, attempt";

const NOTE: &str = "\
    INSERT INTO attempts (message_uuid, attempt, message_id, key_epoch, lease_token, instance, \
        started_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

fn start_one(
    tx: &Tx<'_>,
    request: &ClaimRequest,
    id: MessageId,
    message: NewMessage,
    paced: bool,
) -> rusqlite::Result<ClaimedMessage> {
    let token = request.token.to_string();
    let lane = message.phone_number.recipient_key();
    let derived = message.derived();
    let params = (
        id.0,
        Micros(tx.now),
        micros(request.lease),
        &token,
        lane,
        derived.text.encoding.as_str(),
        derived.text.segments,
        phone_e164(&derived),
    );
    let (uuid, epoch, attempt): (Uuid, i32, i32) = tx.query_row(START, params, |row| {
        Ok((row.get::<_, Word<_>>(0)?.0, row.get(1)?, row.get(2)?))
    })?;
    let instance = request.instance.as_str();
    let started_at = Micros(tx.now);
    tx.execute(NOTE, (uuid.to_string(), attempt, id.0, epoch, &token, instance, started_at))?;
    Ok(ClaimedMessage {
        id,
        lease: Lease { uuid, token: request.token, attempt, paced },
        key: IdempotencyKey::new(uuid, epoch),
        phone_number: message.phone_number,
        body: message.body,
    })
}
