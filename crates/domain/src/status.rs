//! The life of a message: its statuses and the steps between them.

use std::{borrow::Cow, fmt, str::FromStr};

/// Where a message is in its life; stored as text in `messages.status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Waits for its turn, or for its `not_before`.
    Queued,
    /// A send has started and its outcome is not recorded yet.
    Sending,
    /// The provider accepted it. Says nothing of the recipient's phone.
    Sent,
    /// A delivery receipt says that it reached the recipient.
    Delivered,
    /// A delivery receipt says that it did not.
    Undelivered,
    /// Refused by the provider, or its tries are used up: a dead letter.
    Failed,
    /// A send may or may not have happened; never sent again without evidence
    /// or a policy that says so.
    Unconfirmed,
    /// Taken back by an operator before it was sent.
    Canceled,
    /// Its `expires_at` passed before it was sent.
    Expired,
    /// Written by SQL and no valid SMS.
    Rejected,
}

impl Status {
    /// Every status, in the order of a message's life.
    pub const ALL: [Self; 10] = [
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Delivered,
        Self::Undelivered,
        Self::Failed,
        Self::Unconfirmed,
        Self::Canceled,
        Self::Expired,
        Self::Rejected,
    ];

    /// The word in the database and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Unconfirmed => "unconfirmed",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
        }
    }

    /// The old column `sent`, which programs of the predecessor still read:
    /// TRUE where the provider accepted, FALSE exactly for `queued` (the only
    /// rows that the predecessor would pick), NULL for everything else.
    #[must_use]
    pub fn legacy_sent(self) -> Option<bool> {
        match self {
            Self::Sent | Self::Delivered | Self::Undelivered => Some(true),
            Self::Queued => Some(false),
            _ => None,
        }
    }

    /// Whether the provider is known to have accepted the message.
    #[must_use]
    pub fn is_accepted(self) -> bool {
        self.legacy_sent() == Some(true)
    }

    /// Whether a message may go from this status to `next`.
    ///
    /// Late proof of acceptance makes any status `sent`; the rest is the
    /// diagram of `docs/delivery.md`.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use Status::{
            Canceled, Delivered, Expired, Failed, Queued, Rejected, Sending, Sent, Unconfirmed,
            Undelivered,
        };
        match (self, next) {
            (Sent, Delivered | Undelivered) => true,
            (from, Sent) => !from.is_accepted(),
            (Queued, Sending | Canceled | Expired | Rejected)
            // A resend whose time was over before its turn came.
            | (Queued, Unconfirmed)
            | (Sending, Queued | Failed | Unconfirmed)
            | (Unconfirmed, Queued | Failed)
            | (Failed | Canceled | Expired, Queued) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

/// A text that is no [`Status`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown message status {0:?}")]
pub struct UnknownStatus(String);

/// Why a message has its status: a stable word in `messages.status_reason`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReason(Cow<'static, str>);

impl StatusReason {
    /// The lease ran out before the owner recorded an outcome.
    pub const LEASE_EXPIRED: Self = Self(Cow::Borrowed("lease_expired"));
    /// Its `expires_at` passed before it was sent.
    pub const EXPIRED: Self = Self(Cow::Borrowed("expires_at_passed"));
    /// The owner gave the message back without a POST.
    pub const RELEASED: Self = Self(Cow::Borrowed("released"));
    /// The provider accepted, but its answer had no message id.
    pub const RECEIPT_MALFORMED: Self = Self(Cow::Borrowed("receipt_malformed"));

    /// A reason of a fixed word.
    #[must_use]
    pub const fn of(word: &'static str) -> Self {
        Self(Cow::Borrowed(word))
    }

    /// A reason read back from a store; unknown ones are kept.
    #[must_use]
    pub fn stored(word: Option<String>) -> Self {
        Self(word.map_or(Cow::Borrowed("unknown"), Cow::Owned))
    }

    /// A reason made up at run time.
    pub(crate) const fn of_owned(word: String) -> Self {
        Self(Cow::Owned(word))
    }

    /// A reason that ends in the provider's HTTP status, such as `refused_422`.
    #[must_use]
    pub fn with_http_status(word: &str, status: u16) -> Self {
        Self(Cow::Owned(format!("{word}_{status}")))
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_survives_the_way_through_text() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert!("Queued".parse::<Status>().is_err());
    }

    #[test]
    fn the_legacy_column_is_false_for_queued_only() {
        for status in Status::ALL {
            assert_eq!(status.legacy_sent() == Some(false), status == Status::Queued);
        }
    }

    #[test]
    fn proof_of_acceptance_reaches_sent_from_everywhere_but_beyond_it() {
        for status in Status::ALL {
            assert_eq!(status.may_become(Status::Sent), !status.is_accepted());
        }
    }

    #[test]
    fn nothing_leaves_sent_but_delivery_receipts() {
        let next: Vec<_> =
            Status::ALL.into_iter().filter(|n| Status::Sent.may_become(*n)).collect();
        assert_eq!(next, [Status::Delivered, Status::Undelivered]);
    }

    #[test]
    fn an_unconfirmed_message_is_never_claimed_directly() {
        assert!(!Status::Unconfirmed.may_become(Status::Sending));
    }

    #[test]
    fn a_rejected_row_stays_rejected() {
        let next: Vec<_> =
            Status::ALL.into_iter().filter(|n| Status::Rejected.may_become(*n)).collect();
        assert_eq!(next, [Status::Sent]);
    }
}
