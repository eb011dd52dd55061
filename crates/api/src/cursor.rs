//! A place in a list of messages, as text for clients.

use dispatcher_domain::{MessageId, ports::SentCursor};
use jiff::Timestamp;

/// `<microseconds since 1970>_<id>`; clients pass it back unread. Stores keep
/// microseconds, so nothing is lost.
pub(crate) fn encode(cursor: SentCursor) -> String {
    format!("{}_{}", cursor.created_at.as_microsecond(), cursor.id)
}

pub(crate) fn decode(text: &str) -> Option<SentCursor> {
    let (micros, id) = text.split_once('_')?;
    let created_at = Timestamp::from_microsecond(micros.parse().ok()?).ok()?;
    Some(SentCursor { created_at, id: MessageId(id.parse().ok()?) })
}

/// What to say of a text that is none.
pub(crate) const NOT_A_CURSOR: &str = "must be a next_cursor of an earlier answer";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_way_through_text() {
        let cursor = SentCursor {
            created_at: Timestamp::from_microsecond(1_700_000_000_123_456).unwrap(),
            id: MessageId(7),
        };
        assert_eq!(decode(&encode(cursor)), Some(cursor));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "7", "_", "x_1", "1_x", "99999999999999999999_1"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
