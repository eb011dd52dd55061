//! What every [`DeliveryCache`] must do.
//!
//! An adapter calls [`all`] with a cache that is up, and
//! [`an_entry_that_cannot_be_read_is_left_out`] as well where its entries are
//! bytes that others may have written. Each test uses message ids of its own,
//! so the cache need not be empty and may be shared.

use dispatcher_domain::{
    CachedDelivery, CachedReceipt, IdempotencyKey, LeaseToken, MessageId, MissingDelivery,
    ProviderMessageId, Receipt,
    ports::{CacheError, DeliveryCache},
};
use jiff::Timestamp;
use uuid::Uuid;

/// Runs every test that needs nothing but the port.
///
/// # Errors
/// When a call fails. Broken promises panic, as in any test.
pub async fn all(cache: &dyn DeliveryCache) -> Result<(), CacheError> {
    a_cache_that_is_up_answers_a_ping(cache).await?;
    an_unknown_id_has_no_entry(cache).await?;
    no_ids_have_no_entries(cache).await?;
    a_recorded_acceptance_is_found_by_its_row_id(cache).await?;
    a_look_up_finds_the_known_ids_among_the_unknown(cache).await?;
    the_same_receipt_may_be_recorded_twice(cache).await?;
    a_later_acceptance_overwrites_the_entry_of_its_id(cache).await?;
    an_acceptance_without_a_provider_id_has_no_entry(cache).await?;
    an_acceptance_without_a_provider_id_removes_the_older_entry_of_its_id(cache).await?;
    a_receipt_names_the_send_that_was_accepted(cache).await?;
    a_receipt_is_found_by_its_key_alone(cache).await?;
    no_keys_have_no_receipts(cache).await?;
    an_entry_that_was_put_back_is_found_as_it_was(cache).await?;
    what_is_put_back_leaves_an_entry_alone_that_is_there(cache).await?;
    nothing_to_put_back_is_no_error(cache).await
}

/// `ping` says so when the cache answers.
///
/// # Errors
/// When a call fails.
pub async fn a_cache_that_is_up_answers_a_ping(
    cache: &dyn DeliveryCache,
) -> Result<(), CacheError> {
    cache.ping().await.map(drop)
}

/// What was never recorded is absent, and that is no error.
///
/// # Errors
/// When a call fails.
pub async fn an_unknown_id_has_no_entry(cache: &dyn DeliveryCache) -> Result<(), CacheError> {
    assert!(cache.lookup(&[fresh_id()]).await?.is_empty());
    Ok(())
}

/// Asking for nothing is answered with nothing.
///
/// # Errors
/// When a call fails.
pub async fn no_ids_have_no_entries(cache: &dyn DeliveryCache) -> Result<(), CacheError> {
    assert!(cache.lookup(&[]).await?.is_empty());
    Ok(())
}

/// The entry has the provider's id, and the time of the acceptance to the last
/// digit.
///
/// # Errors
/// When a call fails.
pub async fn a_recorded_acceptance_is_found_by_its_row_id(
    cache: &dyn DeliveryCache,
) -> Result<(), CacheError> {
    let receipt = receipt(fresh_id(), Some("a-1"));
    cache.record(&receipt).await?;
    assert_eq!(entry(cache, receipt.id).await?, Some(shown(&receipt, "a-1")));
    Ok(())
}

/// Absent ids do not hide present ones, and nobody gets another's entry.
///
/// # Errors
/// When a call fails.
pub async fn a_look_up_finds_the_known_ids_among_the_unknown(
    cache: &dyn DeliveryCache,
) -> Result<(), CacheError> {
    let [first, second] = ["a-1", "a-2"].map(|id| receipt(fresh_id(), Some(id)));
    cache.record(&first).await?;
    cache.record(&second).await?;
    let found = cache.lookup(&[fresh_id(), second.id, fresh_id(), first.id]).await?;
    assert_eq!(found.len(), 2);
    assert_eq!(found.get(&first.id), Some(&shown(&first, "a-1")));
    assert_eq!(found.get(&second.id), Some(&shown(&second, "a-2")));
    Ok(())
}

/// Recording again, because the answer to the first call was lost, changes
/// nothing.
///
/// # Errors
/// When a call fails.
pub async fn the_same_receipt_may_be_recorded_twice(
    cache: &dyn DeliveryCache,
) -> Result<(), CacheError> {
    let receipt = receipt(fresh_id(), Some("a-1"));
    cache.record(&receipt).await?;
    cache.record(&receipt).await?;
    assert_eq!(entry(cache, receipt.id).await?, Some(shown(&receipt, "a-1")));
    Ok(())
}

/// MUST overwrite an older entry of the same id: ids are reused.
///
/// # Errors
/// When a call fails.
pub async fn a_later_acceptance_overwrites_the_entry_of_its_id(
    cache: &dyn DeliveryCache,
) -> Result<(), CacheError> {
    let older = receipt(fresh_id(), Some("older"));
    let newer = receipt(older.id, Some("newer"));
    cache.record(&older).await?;
    cache.record(&newer).await?;
    assert_eq!(entry(cache, newer.id).await?, Some(shown(&newer, "newer")));
    Ok(())
}

/// Without an id of the provider there is nothing to show.
///
/// # Errors
/// When a call fails.
pub async fn an_acceptance_without_a_provider_id_has_no_entry(
    cache: &dyn DeliveryCache,
) -> Result<(), CacheError> {
    let receipt = receipt(fresh_id(), None);
    cache.record(&receipt).await?;
    assert_eq!(entry(cache, receipt.id).await?, None);
    Ok(())
}

/// MUST overwrite an older entry of the same id, also where the newer one has
/// nothing to show: the older belongs to another message.
///
/// # Errors
/// When a call fails.
pub async fn an_acceptance_without_a_provider_id_removes_the_older_entry_of_its_id(
    cache: &dyn DeliveryCache,
) -> Result<(), CacheError> {
    let older = receipt(fresh_id(), Some("older"));
    cache.record(&older).await?;
    cache.record(&receipt(older.id, None)).await?;
    assert_eq!(entry(cache, older.id).await?, None);
    Ok(())
}

/// MUST give back attempt and token as they were recorded, with or without an
/// id of the provider.
///
/// # Errors
/// When a call fails.
pub async fn a_receipt_names_the_send_that_was_accepted(
    cache: &dyn DeliveryCache,
) -> Result<(), CacheError> {
    for id in [Some("a-1"), None] {
        let receipt = Receipt { attempt: 7, ..receipt(fresh_id(), id) };
        cache.record(&receipt).await?;
        let found = cache.receipts(std::slice::from_ref(&receipt.key)).await?;
        assert_eq!(found.get(&receipt.key), Some(&proof(&receipt)));
    }
    Ok(())
}

/// Absent keys do not hide present ones, and another epoch is another key.
///
/// # Errors
/// When a call fails.
pub async fn a_receipt_is_found_by_its_key_alone(
    cache: &dyn DeliveryCache,
) -> Result<(), CacheError> {
    let uuid = Uuid::new_v4();
    let [first, second] = [0, 1].map(|epoch| Receipt {
        key: IdempotencyKey::new(uuid, epoch),
        ..receipt(fresh_id(), Some("a-1"))
    });
    let absent = IdempotencyKey::new(uuid, 2);
    cache.record(&first).await?;
    cache.record(&second).await?;
    let found = cache.receipts(&[absent, second.key.clone(), first.key.clone()]).await?;
    assert_eq!(found.len(), 2);
    assert_eq!(found.get(&first.key), Some(&proof(&first)));
    assert_eq!(found.get(&second.key), Some(&proof(&second)));
    Ok(())
}

/// Asking for nothing is answered with nothing.
///
/// # Errors
/// When a call fails.
pub async fn no_keys_have_no_receipts(cache: &dyn DeliveryCache) -> Result<(), CacheError> {
    assert!(cache.receipts(&[]).await?.is_empty());
    Ok(())
}

/// MUST leave out a receipt that it cannot read, rather than fail. `spoil`
/// writes something unreadable where the receipt of a key belongs.
///
/// # Errors
/// When a call fails.
pub async fn a_receipt_that_cannot_be_read_is_left_out(
    cache: &dyn DeliveryCache,
    spoil: impl AsyncFnOnce(IdempotencyKey),
) -> Result<(), CacheError> {
    let good = receipt(fresh_id(), Some("a-1"));
    let bad = IdempotencyKey::new(Uuid::new_v4(), 0);
    cache.record(&good).await?;
    spoil(bad.clone()).await;
    let found = cache.receipts(&[bad, good.key.clone()]).await?;
    assert_eq!(found.keys().collect::<Vec<_>>(), [&good.key]);
    Ok(())
}

/// What is put back reads as it was recorded; a later acceptance overwrites it
/// all the same.
///
/// # Errors
/// When a call fails.
pub async fn an_entry_that_was_put_back_is_found_as_it_was(
    cache: &dyn DeliveryCache,
) -> Result<(), CacheError> {
    let [first, second] = ["a-1", "a-2"].map(|id| receipt(fresh_id(), Some(id)));
    cache.restore(&[missing(&first, "a-1"), missing(&second, "a-2")]).await?;
    assert_eq!(entry(cache, first.id).await?, Some(shown(&first, "a-1")));
    assert_eq!(entry(cache, second.id).await?, Some(shown(&second, "a-2")));
    let newer = receipt(first.id, Some("newer"));
    cache.record(&newer).await?;
    assert_eq!(entry(cache, first.id).await?, Some(shown(&newer, "newer")));
    Ok(())
}

/// MUST leave an entry alone that is there: it may be newer.
///
/// # Errors
/// When a call fails.
pub async fn what_is_put_back_leaves_an_entry_alone_that_is_there(
    cache: &dyn DeliveryCache,
) -> Result<(), CacheError> {
    let newer = receipt(fresh_id(), Some("newer"));
    let other = receipt(fresh_id(), Some("other"));
    cache.record(&newer).await?;
    cache.restore(&[missing(&newer, "older"), missing(&other, "other")]).await?;
    assert_eq!(entry(cache, newer.id).await?, Some(shown(&newer, "newer")));
    assert_eq!(entry(cache, other.id).await?, Some(shown(&other, "other")), "the rest is");
    Ok(())
}

/// An empty list is written in no time.
///
/// # Errors
/// When a call fails.
pub async fn nothing_to_put_back_is_no_error(cache: &dyn DeliveryCache) -> Result<(), CacheError> {
    cache.restore(&[]).await
}

/// MUST leave out an entry that it cannot read, rather than fail. `spoil`
/// writes something unreadable where the entry of an id belongs.
///
/// # Errors
/// When a call fails.
pub async fn an_entry_that_cannot_be_read_is_left_out(
    cache: &dyn DeliveryCache,
    spoil: impl AsyncFnOnce(MessageId),
) -> Result<(), CacheError> {
    let good = receipt(fresh_id(), Some("a-1"));
    let bad = fresh_id();
    cache.record(&good).await?;
    spoil(bad).await;
    let found = cache.lookup(&[bad, good.id]).await?;
    assert_eq!(found.keys().collect::<Vec<_>>(), [&good.id]);
    Ok(())
}

async fn entry(
    cache: &dyn DeliveryCache,
    id: MessageId,
) -> Result<Option<CachedDelivery>, CacheError> {
    Ok(cache.lookup(&[id]).await?.remove(&id))
}

fn receipt(id: MessageId, provider_message_id: Option<&str>) -> Receipt {
    Receipt {
        id,
        key: IdempotencyKey::new(Uuid::new_v4(), 0),
        attempt: 1,
        token: LeaseToken(Uuid::new_v4()),
        provider_message_id: provider_message_id.and_then(ProviderMessageId::parse),
        accepted_at: Timestamp::constant(1_772_366_400, 123_456_000),
    }
}

fn shown(receipt: &Receipt, provider_message_id: &str) -> CachedDelivery {
    CachedDelivery {
        provider_message_id: provider_message_id.to_owned(),
        cached_at: receipt.accepted_at,
    }
}

fn proof(receipt: &Receipt) -> CachedReceipt {
    CachedReceipt {
        attempt: receipt.attempt,
        token: receipt.token,
        provider_message_id: receipt.provider_message_id.clone(),
    }
}

fn missing(receipt: &Receipt, provider_message_id: &str) -> MissingDelivery {
    let left = CachedDelivery::LIFETIME / 2;
    MissingDelivery { id: receipt.id, delivery: shown(receipt, provider_message_id), left }
}

/// A row id that no other test has.
fn fresh_id() -> MessageId {
    let (high, _) = Uuid::new_v4().as_u64_pair();
    MessageId((high >> 1).cast_signed())
}
