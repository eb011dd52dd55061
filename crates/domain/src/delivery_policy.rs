//! What an operator wants done after a send of unknown outcome.

/// What happens to a message after a send of unknown outcome, where there is
/// no proof and the provider does not honour idempotency keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DeliveryPolicy {
    /// It is parked, and never sent again by itself.
    #[default]
    AtMostOnce,
    /// It is sent again: better twice than never.
    AtLeastOnce,
}

impl DeliveryPolicy {
    /// Both.
    pub const ALL: [Self; 2] = [Self::AtMostOnce, Self::AtLeastOnce];

    /// The word in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AtMostOnce => "at_most_once",
            Self::AtLeastOnce => "at_least_once",
        }
    }
}
