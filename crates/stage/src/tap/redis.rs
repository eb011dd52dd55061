//! What Redis' protocol says of a receipt.

use super::postgres::contains;

/// Whether the client writes the receipt of an acceptance. Looking for one, or
/// putting a display entry back, says something else.
pub(super) fn is_receipt(bytes: &[u8]) -> bool {
    contains(bytes, b"SET\r\n") && contains(bytes, b"receipt:")
}
