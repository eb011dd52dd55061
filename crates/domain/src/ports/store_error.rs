//! Errors of the message store.

/// A source that can cross threads.
type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a call to the message store failed, told by what the caller can do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached or does not answer, and the call has
    /// certainly not taken effect: try again later.
    #[error("the message store is unavailable")]
    Unavailable(#[source] Source),
    /// The answer was lost on the way: the call may or may not have taken
    /// effect. A claimer MUST give its claim back.
    #[error("the message store did not confirm the call")]
    Unconfirmed(#[source] Source),
    /// The store answered something that this version does not understand:
    /// trying again will not help.
    #[error("the message store answered unexpectedly")]
    Unexpected(#[source] Source),
}

impl StoreError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        !matches!(self, Self::Unexpected(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_is_not_tried_again() {
        assert!(StoreError::Unavailable("down".into()).is_transient());
        assert!(StoreError::Unconfirmed("cut".into()).is_transient());
        assert!(!StoreError::Unexpected("what?".into()).is_transient());
    }
}
