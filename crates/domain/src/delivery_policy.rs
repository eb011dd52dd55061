//! What an operator wants done after a send of unknown outcome.

use std::{fmt, str::FromStr};

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

impl fmt::Display for DeliveryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DeliveryPolicy {
    type Err = UnknownDeliveryPolicy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == text).ok_or(UnknownDeliveryPolicy)
    }
}

/// A text that is no [`DeliveryPolicy`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of at_most_once, at_least_once")]
pub struct UnknownDeliveryPolicy;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_survive_the_way_through_text() {
        for policy in DeliveryPolicy::ALL {
            assert_eq!(policy.as_str().parse(), Ok(policy));
        }
        assert_eq!("twice".parse::<DeliveryPolicy>(), Err(UnknownDeliveryPolicy));
    }
}
