//! What reads and writes the entries, for the fuzz targets.

use crate::{entry, receipts};
use dispatcher_domain::{CachedDelivery, CachedReceipt, Receipt};

/// The delivery that `bytes` tell of.
#[must_use]
pub fn read_delivery(bytes: &[u8]) -> Option<CachedDelivery> {
    entry::read_delivery(bytes)
}

/// The receipt that `bytes` are.
#[must_use]
pub fn read_receipt(bytes: &[u8]) -> Option<CachedReceipt> {
    receipts::read(bytes)
}

/// The entry of a delivery.
///
/// # Panics
/// If it cannot be written.
#[must_use]
pub fn write_delivery(delivery: &CachedDelivery) -> String {
    entry::delivery(delivery).expect("texts can be written")
}

/// The entry of a receipt.
///
/// # Panics
/// If it cannot be written.
#[must_use]
pub fn write_receipt(receipt: &Receipt) -> String {
    entry::receipt(receipt).expect("texts can be written")
}
