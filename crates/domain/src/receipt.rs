//! What we remember of an acceptance.

use crate::{IdempotencyKey, LeaseToken, MessageId};
use jiff::Timestamp;
use std::time::Duration;

/// The provider's own id of an accepted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderMessageId(String);

impl ProviderMessageId {
    /// Longest id that is kept; a stranger decides its length.
    pub const MAX_CHARS: usize = 255;

    /// Takes a provider's id; blank ones are none, NULs and controls are
    /// dropped, and long ones are cut at [`Self::MAX_CHARS`]. What was taken
    /// once is taken again as it is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let visible: String = text.chars().filter(|c| !c.is_control()).collect();
        let kept: String = visible.trim().chars().take(Self::MAX_CHARS).collect();
        let kept = kept.trim_end();
        (!kept.is_empty()).then(|| Self(kept.to_owned()))
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

/// An entry for display that the delivery cache should have and has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingDelivery {
    /// Row id.
    pub id: MessageId,
    /// What the entry says.
    pub delivery: CachedDelivery,
    /// What is left of its [`CachedDelivery::LIFETIME`]; not zero.
    pub left: Duration,
}

impl CachedDelivery {
    /// How long an acceptance is shown: 24 hours, as the predecessor has it.
    pub const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

    /// The entry that should be there for message `id`, accepted at `sent_at`;
    /// `None` where its time is over at `now`.
    #[must_use]
    pub fn missing(
        id: MessageId,
        provider_message_id: &str,
        sent_at: Timestamp,
        now: Timestamp,
    ) -> Option<MissingDelivery> {
        // Two clocks: an acceptance may seem to lie ahead.
        let age = Duration::try_from(now.duration_since(sent_at)).unwrap_or_default();
        let left = Self::LIFETIME.checked_sub(age).filter(|left| !left.is_zero())?;
        let provider_message_id = provider_message_id.to_owned();
        Some(MissingDelivery {
            id,
            delivery: Self { provider_message_id, cached_at: sent_at },
            left,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_missed_for_the_rest_of_its_24_hours() {
        let (sent_at, hour) = (Timestamp::UNIX_EPOCH, Duration::from_secs(3600));
        let left = |now| CachedDelivery::missing(MessageId(1), "a", sent_at, now).map(|m| m.left);
        assert_eq!(left(sent_at), Some(24 * hour));
        assert_eq!(left(sent_at + 23 * hour), Some(hour));
        assert_eq!(left(sent_at + 24 * hour), None);
        assert_eq!(left(sent_at + 2400 * hour), None);
        assert_eq!(left(sent_at - hour), Some(24 * hour), "no clock gives it more");
    }

    #[test]
    fn a_provider_id_is_trimmed_cut_and_never_blank() {
        assert_eq!(ProviderMessageId::parse("  \0 "), None);
        assert_eq!(ProviderMessageId::parse("\0 \0"), None, "a blank between controls");
        assert_eq!(ProviderMessageId::parse(" a\u{7}b ").unwrap().as_str(), "ab");
        assert_eq!(ProviderMessageId::parse("\0 a \u{85}").unwrap().as_str(), "a");
        let long = ProviderMessageId::parse(&"x".repeat(10_000)).unwrap();
        assert_eq!(long.as_str().len(), ProviderMessageId::MAX_CHARS);
        let cut = ProviderMessageId::parse(&format!("{} y", "x".repeat(254))).unwrap();
        assert_eq!(cut.as_str().len(), 254, "no blank at its end: {cut:?}");
    }
}
