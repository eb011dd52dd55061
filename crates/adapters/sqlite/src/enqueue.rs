//! Storing a new message.

use crate::{columns::Micros, derived::phone_e164, transaction::Tx};
use dispatcher_domain::{MessageId, NewMessage, Status, Terms, ports::Enqueued};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

pub(crate) fn enqueue(
    tx: &Tx<'_>,
    message: &NewMessage,
    terms: &Terms,
) -> rusqlite::Result<Enqueued> {
    let created_at = to_millisecond(tx.now);
    let sql = "INSERT INTO messages \
                   (phone_number, content, created_at, encoding, segments, phone_e164, \
                    not_before, expires_at, priority) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id";
    let derived = message.derived();
    let params = (
        message.phone_number.as_str(),
        message.body.as_str(),
        Micros(created_at),
        derived.text.encoding.as_str(),
        derived.text.segments,
        phone_e164(&derived),
        terms.not_before.map(Micros),
        terms.expires_at.map(Micros),
        terms.priority.get(),
    );
    let id = tx.query_row(sql, params, |row| row.get(0))?;
    Ok(Enqueued { id: MessageId(id), status: Status::Queued, created_at })
}

/// As fine as the default of the column, by which other programs insert: within
/// a millisecond the id then tells who came first.
fn to_millisecond(time: Timestamp) -> Timestamp {
    let floor = TimestampRound::new().smallest(Unit::Millisecond).mode(RoundMode::Floor);
    time.round(floor).unwrap_or(time)
}
