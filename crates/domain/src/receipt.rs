//! What we remember of an acceptance.

use crate::{IdempotencyKey, LeaseToken, MessageId};
use jiff::Timestamp;

/// The provider's own id of an accepted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderMessageId(String);

impl ProviderMessageId {
    /// Longest id that is kept; a stranger decides its length.
    pub const MAX_CHARS: usize = 255;

    /// Takes a provider's id; blank ones are none, NULs and controls are
    /// dropped, and long ones are cut at [`Self::MAX_CHARS`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let kept: String =
            text.trim().chars().filter(|c| !c.is_control()).take(Self::MAX_CHARS).collect();
        (!kept.is_empty()).then_some(Self(kept))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Written to the delivery cache when the provider accepts a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Row id; for display only, because ids are reused after a TRUNCATE.
    pub id: MessageId,
    /// Names the message for ever.
    pub key: IdempotencyKey,
    /// Which START was accepted.
    pub attempt: i32,
    /// Token of that START.
    pub token: LeaseToken,
    /// The provider's id, if it gave one.
    pub provider_message_id: Option<ProviderMessageId>,
    /// When its answer arrived.
    pub accepted_at: Timestamp,
}

/// What the delivery cache tells of a sent message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedDelivery {
    /// The provider's id.
    pub provider_message_id: String,
    /// When the entry was written.
    pub cached_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_id_is_trimmed_cut_and_never_blank() {
        assert_eq!(ProviderMessageId::parse("  \0 "), None);
        assert_eq!(ProviderMessageId::parse(" a\u{7}b ").unwrap().as_str(), "ab");
        let long = ProviderMessageId::parse(&"x".repeat(10_000)).unwrap();
        assert_eq!(long.as_str().len(), ProviderMessageId::MAX_CHARS);
    }
}
