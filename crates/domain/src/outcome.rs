//! What can happen to one POST to the provider.

use crate::ProviderMessageId;
use std::time::Duration;

/// What happened to one POST. The gateway decides; everything else follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider took the message.
    Accepted {
        /// Its id; `None` when the answer carried none that we can read.
        provider_message_id: Option<ProviderMessageId>,
        /// The status of the answer.
        http_status: u16,
    },
    /// The provider has certainly not got the message.
    NotSent {
        /// A stable word: `connect_failed`, `provider_503`, …
        reason: String,
        /// The status of the answer, if there was one.
        http_status: Option<u16>,
        /// How long the provider asked us to wait.
        retry_after: Option<Duration>,
    },
    /// The provider wants fewer messages.
    RateLimited {
        /// The status of the answer.
        http_status: u16,
        /// How long it asked us to wait.
        retry_after: Option<Duration>,
    },
    /// The provider will never take this message.
    Refused {
        /// The status of the answer.
        http_status: u16,
    },
    /// The provider would refuse every message: wrong token, wrong URL.
    Misconfigured {
        /// The status of the answer.
        http_status: u16,
    },
    /// The provider may or may not have taken the message.
    Unknown {
        /// What broke.
        cause: UnknownCause,
        /// The status of the answer, if it got that far.
        http_status: Option<u16>,
    },
}

/// Why the outcome of a POST is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownCause {
    /// No complete answer within the deadline.
    Timeout,
    /// The connection broke after the first byte of the request.
    ConnectionLost,
    /// A status that does not tell: 5xx, 408, 1xx.
    Status,
    /// Our own code panicked during the send.
    Panic,
}

impl UnknownCause {
    /// A stable word for reasons and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::ConnectionLost => "connection_lost",
            Self::Status => "provider_status",
            Self::Panic => "panic",
        }
    }
}

/// The class of an outcome: a word for attempts, metrics and logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutcomeClass {
    /// See [`SendOutcome::Accepted`].
    Accepted,
    /// See [`SendOutcome::NotSent`].
    NotSent,
    /// See [`SendOutcome::RateLimited`].
    RateLimited,
    /// See [`SendOutcome::Refused`].
    Refused,
    /// See [`SendOutcome::Misconfigured`].
    Misconfigured,
    /// See [`SendOutcome::Unknown`].
    Unknown,
}

impl OutcomeClass {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Accepted,
        Self::NotSent,
        Self::RateLimited,
        Self::Refused,
        Self::Misconfigured,
        Self::Unknown,
    ];

    /// The word in `attempts.outcome`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::NotSent => "not_sent",
            Self::RateLimited => "rate_limited",
            Self::Refused => "refused",
            Self::Misconfigured => "misconfigured",
            Self::Unknown => "unknown",
        }
    }
}

impl SendOutcome {
    /// Its class.
    #[must_use]
    pub fn class(&self) -> OutcomeClass {
        match self {
            Self::Accepted { .. } => OutcomeClass::Accepted,
            Self::NotSent { .. } => OutcomeClass::NotSent,
            Self::RateLimited { .. } => OutcomeClass::RateLimited,
            Self::Refused { .. } => OutcomeClass::Refused,
            Self::Misconfigured { .. } => OutcomeClass::Misconfigured,
            Self::Unknown { .. } => OutcomeClass::Unknown,
        }
    }

    /// The HTTP status of the answer, if one arrived.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Accepted { http_status, .. }
            | Self::RateLimited { http_status, .. }
            | Self::Refused { http_status }
            | Self::Misconfigured { http_status } => Some(*http_status),
            Self::NotSent { http_status, .. } | Self::Unknown { http_status, .. } => *http_status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_class_and_the_status_that_arrived() {
        let (reason, cause) = ("connect_failed".to_owned(), UnknownCause::Timeout);
        let not_sent = |http_status| SendOutcome::NotSent {
            reason: reason.clone(),
            http_status,
            retry_after: None,
        };
        let unknown = |http_status| SendOutcome::Unknown { cause, http_status };
        let accepted = SendOutcome::Accepted { provider_message_id: None, http_status: 202 };
        let rate_limited = SendOutcome::RateLimited { http_status: 429, retry_after: None };
        for (outcome, class, status) in [
            (accepted, OutcomeClass::Accepted, Some(202)),
            (rate_limited, OutcomeClass::RateLimited, Some(429)),
            (SendOutcome::Refused { http_status: 422 }, OutcomeClass::Refused, Some(422)),
            (
                SendOutcome::Misconfigured { http_status: 401 },
                OutcomeClass::Misconfigured,
                Some(401),
            ),
            (not_sent(Some(503)), OutcomeClass::NotSent, Some(503)),
            (not_sent(None), OutcomeClass::NotSent, None),
            (unknown(Some(500)), OutcomeClass::Unknown, Some(500)),
            (unknown(None), OutcomeClass::Unknown, None),
        ] {
            assert_eq!((outcome.class(), outcome.http_status()), (class, status), "{outcome:?}");
        }
    }
}
