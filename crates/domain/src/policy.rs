//! The pace and the order of sending, shared by all replicas.

use std::{fmt, num::NonZeroU32, str::FromStr, time::Duration};

/// In which order sends start, and how many at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Ordering {
    /// One send at a time over all replicas: the provider sees queue order.
    #[default]
    Strict,
    /// Many at once, never two to one recipient.
    Recipient,
    /// Many at once.
    None,
}

impl Ordering {
    /// The word in settings and in the control row.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Recipient => "recipient",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Ordering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Ordering {
    type Err = InvalidPolicy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Strict, Self::Recipient, Self::None]
            .into_iter()
            .find(|ordering| ordering.as_str() == text)
            .ok_or(InvalidPolicy::Ordering)
    }
}

/// How many sends may start, how often, in which order. The last replica to
/// start writes its policy to the control row; all replicas obey that row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DispatchPolicy {
    /// Sends that may start in any rolling window of `period`.
    pub batch_size: NonZeroU32,
    /// Length of the window; zero means no quota.
    pub period: Duration,
    /// Order of sending.
    pub ordering: Ordering,
}

impl DispatchPolicy {
    /// Whether a quota limits the starts.
    #[must_use]
    pub fn has_quota(&self) -> bool {
        !self.period.is_zero()
    }

    /// Whether sends go one at a time over all replicas.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.ordering == Ordering::Strict
    }
}

/// Two messages every two minutes in strict order.
impl Default for DispatchPolicy {
    fn default() -> Self {
        Self {
            batch_size: NonZeroU32::new(2).expect("two is not zero"),
            period: Duration::from_secs(120),
            ordering: Ordering::Strict,
        }
    }
}

/// A text that is no part of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// No ordering of that name.
    #[error("must be one of strict, recipient, none")]
    Ordering,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_two_every_two_minutes_in_order() {
        let policy = DispatchPolicy::default();
        assert_eq!((policy.batch_size.get(), policy.period.as_secs()), (2, 120));
        assert!(policy.is_strict() && policy.has_quota());
    }

    #[test]
    fn orderings_survive_the_way_through_text() {
        for ordering in [Ordering::Strict, Ordering::Recipient, Ordering::None] {
            assert_eq!(ordering.as_str().parse(), Ok(ordering));
        }
        assert_eq!("fifo".parse::<Ordering>(), Err(InvalidPolicy::Ordering));
    }
}
