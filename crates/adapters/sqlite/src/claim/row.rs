//! A row that any program may have written.

use crate::columns::time;
use dispatcher_domain::{MessageId, MessageLimits, NewMessage, QueuedRow, StatusReason};
use jiff::Timestamp;
use rusqlite::{Row, types::ValueRef};

/// What a row of the queue is good for.
pub(super) enum Verdict {
    /// To be sent.
    Good(NewMessage),
    /// No valid SMS, and why.
    Bad(StatusReason),
    /// A resend whose time is over.
    Late,
}

/// Judges a row of `head_of_queue.sql`.
///
/// A text column of SQLite holds what it is given: bytes of any kind, and texts
/// that are no UTF-8. Such a row must not stop the queue.
pub(super) fn read(
    row: &Row<'_>,
    limits: &MessageLimits,
    now: Timestamp,
) -> rusqlite::Result<(MessageId, Verdict)> {
    let id = MessageId(row.get("id")?);
    if time(row, "resend_until")?.is_some_and(|until| until <= now) {
        return Ok((id, Verdict::Late));
    }
    let (phone_number, content) = (row.get_ref("phone_number")?, row.get_ref("content")?);
    let message = parse(phone_number, content, limits);
    Ok((id, message.map_or_else(Verdict::Bad, Verdict::Good)))
}

fn parse(
    phone_number: ValueRef<'_>,
    content: ValueRef<'_>,
    limits: &MessageLimits,
) -> Result<NewMessage, StatusReason> {
    QueuedRow {
        phone_number: text(phone_number, &PHONE_NUMBER)?,
        content: text(content, &CONTENT)?,
    }
    .parse(limits)
}

/// The words for what is wrong with a column.
struct Reasons {
    too_long: &'static str,
    not_text: &'static str,
    not_utf8: &'static str,
}

const PHONE_NUMBER: Reasons = Reasons {
    too_long: "invalid_phone_number_length",
    not_text: "invalid_phone_number_not_text",
    not_utf8: "invalid_phone_number_not_utf8",
};

const CONTENT: Reasons = Reasons {
    too_long: "content_too_long",
    not_text: "content_not_text",
    not_utf8: "content_not_utf8",
};

fn text<'a>(value: ValueRef<'a>, reasons: &Reasons) -> Result<&'a str, StatusReason> {
    match value {
        ValueRef::Text(bytes) => {
            std::str::from_utf8(bytes).map_err(|_| StatusReason::of(reasons.not_utf8))
        }
        ValueRef::Null => Err(StatusReason::of(reasons.too_long)),
        // Numbers became texts when they were stored.
        ValueRef::Blob(_) | ValueRef::Integer(_) | ValueRef::Real(_) => {
            Err(StatusReason::of(reasons.not_text))
        }
    }
}
