//! Entries in Redis: anybody may have written them.

use dispatcher_domain::{
    CachedDelivery, CachedReceipt, IdempotencyKey, MessageId, ProviderMessageId, Receipt,
};
use dispatcher_redis::fuzzing::{read_delivery, read_receipt, write_delivery, write_receipt};
use jiff::Timestamp;
use uuid::Uuid;

pub(crate) fn run(bytes: &[u8]) {
    if let Some(delivery) = read_delivery(bytes) {
        shown(&delivery.provider_message_id);
        let again = read_delivery(write_delivery(&delivery).as_bytes());
        assert_eq!(again.as_ref(), Some(&delivery), "it stays what it is");
        // A time that a stranger wrote may lie anywhere.
        let now = Timestamp::UNIX_EPOCH;
        let CachedDelivery { provider_message_id, cached_at } = &delivery;
        let missing = CachedDelivery::missing(MessageId(1), provider_message_id, *cached_at, now);
        assert!(missing.is_none_or(|it| it.left <= CachedDelivery::LIFETIME && !it.left.is_zero()));
    }
    if let Some(receipt) = read_receipt(bytes) {
        let id = receipt.provider_message_id.as_ref();
        id.into_iter().for_each(|id| shown(id.as_str()));
        assert_eq!(read_receipt(write_receipt(&told(&receipt)).as_bytes()), Some(receipt));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        id_of_a_provider(text);
    }
}

fn told(receipt: &CachedReceipt) -> Receipt {
    Receipt {
        id: MessageId(7),
        key: IdempotencyKey::new(Uuid::nil(), 0),
        attempt: receipt.attempt,
        token: receipt.token,
        provider_message_id: receipt.provider_message_id.clone(),
        accepted_at: Timestamp::UNIX_EPOCH,
    }
}

/// What a client of the API reads.
fn shown(id: &str) {
    assert!(!id.trim().is_empty() && !id.chars().any(char::is_control), "{id:?}");
}

/// An id that is kept is kept the next time as well.
fn id_of_a_provider(text: &str) {
    if let Some(id) = ProviderMessageId::parse(text) {
        shown(id.as_str());
        assert_eq!(ProviderMessageId::parse(id.as_str()), Some(id));
    }
}
