//! What stands in Redis: two keys, and the JSON under each.

use dispatcher_domain::{CachedDelivery, IdempotencyKey, MessageId, ProviderMessageId, Receipt};
use serde::{Deserialize, Serialize};

/// Lifetime of a delivery entry in seconds: 24 hours.
pub(crate) const DELIVERY_LIFETIME: u64 = CachedDelivery::LIFETIME.as_secs();
/// Lifetime of a receipt in seconds: 7 days.
pub(crate) const RECEIPT_LIFETIME: u64 = 7 * DELIVERY_LIFETIME;
/// A key that no entry has.
pub(crate) const PROBE: &str = "receipt:probe";

/// For display. The Go service that this one succeeds writes and reads the same
/// key with the same two fields.
#[derive(Serialize, Deserialize)]
struct DeliveryEntry {
    message_id: String,
    /// RFC 3339; Go's have nanoseconds and any offset.
    timestamp: String,
}

/// As proof: matches an attempt row of the message store.
#[derive(Serialize)]
struct ReceiptEntry<'a> {
    attempt: i32,
    token: String,
    message_id: Option<&'a str>,
    timestamp: String,
}

pub(crate) fn delivery_key(id: MessageId) -> String {
    format!("delivery:{id}")
}

pub(crate) fn receipt_key(key: &IdempotencyKey) -> String {
    format!("receipt:{}", key.as_str())
}

pub(crate) fn delivery(delivery: &CachedDelivery) -> serde_json::Result<String> {
    serde_json::to_string(&DeliveryEntry {
        message_id: delivery.provider_message_id.clone(),
        timestamp: delivery.cached_at.to_string(),
    })
}

pub(crate) fn receipt(receipt: &Receipt) -> serde_json::Result<String> {
    serde_json::to_string(&ReceiptEntry {
        attempt: receipt.attempt,
        token: receipt.token.to_string(),
        message_id: receipt.provider_message_id.as_ref().map(ProviderMessageId::as_str),
        timestamp: receipt.accepted_at.to_string(),
    })
}

/// The delivery in `bytes`; `None` where they are not one, because anybody may
/// have written them.
pub(crate) fn read_delivery(bytes: &[u8]) -> Option<CachedDelivery> {
    let entry: DeliveryEntry = serde_json::from_slice(bytes).ok()?;
    let id = ProviderMessageId::parse(&entry.message_id)?;
    Some(CachedDelivery {
        provider_message_id: id.as_str().to_owned(),
        cached_at: entry.timestamp.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatcher_domain::LeaseToken;
    use uuid::Uuid;

    fn accepted(provider_message_id: &str) -> Receipt {
        Receipt {
            id: MessageId(7),
            key: IdempotencyKey::new(Uuid::from_u128(1), 2),
            attempt: 3,
            token: LeaseToken(Uuid::from_u128(4)),
            provider_message_id: ProviderMessageId::parse(provider_message_id),
            accepted_at: "2026-03-01T12:00:00.123456Z".parse().unwrap(),
        }
    }

    #[test]
    fn the_delivery_entry_is_the_one_that_the_go_service_reads() {
        assert_eq!(delivery_key(MessageId(7)), "delivery:7");
        let shown = CachedDelivery {
            provider_message_id: "a-1".to_owned(),
            cached_at: accepted("a-1").accepted_at,
        };
        assert_eq!(
            delivery(&shown).unwrap(),
            r#"{"message_id":"a-1","timestamp":"2026-03-01T12:00:00.123456Z"}"#
        );
    }

    #[test]
    fn a_receipt_names_attempt_and_token_under_the_idempotency_key() {
        let key = "receipt:00000000-0000-0000-0000-000000000001-2";
        assert_eq!(receipt_key(&accepted("a-1").key), key);
        let token = "00000000-0000-0000-0000-000000000004";
        for (id, json) in [("a-1", "\"a-1\""), ("", "null")] {
            let expected = format!(
                r#"{{"attempt":3,"token":"{token}","message_id":{json},"timestamp":"2026-03-01T12:00:00.123456Z"}}"#
            );
            assert_eq!(receipt(&accepted(id)).unwrap(), expected);
        }
    }

    #[test]
    fn entries_of_the_go_service_are_read_with_any_offset_and_precision() {
        let utc = "2026-03-01T09:00:00.123456789Z";
        for time in
            [utc, "2026-03-01T12:00:00.123456789+03:00", "2026-03-01T03:30:00.123456789-05:30"]
        {
            let bytes = format!(r#"{{"message_id":"go-1","timestamp":"{time}"}}"#);
            let read = read_delivery(bytes.as_bytes()).unwrap();
            assert_eq!(read.provider_message_id, "go-1");
            assert_eq!(read.cached_at.to_string(), utc);
        }
    }

    #[test]
    fn further_fields_do_no_harm() {
        let bytes = br#"{"message_id":"a","timestamp":"2026-03-01T09:00:00Z","sent_by":"x"}"#;
        assert!(read_delivery(bytes).is_some());
    }

    #[test]
    fn what_is_no_entry_is_none() {
        let texts: [&[u8]; 8] = [
            b"",
            b"\xff\xfe",
            b"null",
            b"{}",
            br#"{"message_id":"a"}"#,
            br#"{"message_id":"a","timestamp":"yesterday"}"#,
            br#"{"message_id":17,"timestamp":"2026-03-01T09:00:00Z"}"#,
            br#"{"message_id":" ","timestamp":"2026-03-01T09:00:00Z"}"#,
        ];
        for text in texts {
            assert_eq!(read_delivery(text), None, "{}", String::from_utf8_lossy(text));
        }
    }
}
