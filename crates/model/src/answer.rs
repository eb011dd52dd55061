//! What a replica hears of its POST.

use dispatcher_domain::{SendOutcome, UnknownCause};

/// What its sender knows of a POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The provider took it.
    Accepted,
    /// The provider was not reached.
    NotSent,
    /// The provider wants fewer, and took nothing.
    RateLimited,
    /// The provider will never take it.
    Refused,
    /// Nobody knows.
    Unknown,
}

impl Answer {
    /// All of them, in their order.
    pub(crate) const ALL: [Self; 5] =
        [Self::Accepted, Self::NotSent, Self::RateLimited, Self::Refused, Self::Unknown];

    /// As the domain has it: the commonest of its kind.
    pub(crate) fn outcome(self) -> SendOutcome {
        match self {
            Self::Accepted => SendOutcome::Accepted { provider_message_id: None, http_status: 202 },
            Self::NotSent => SendOutcome::NotSent {
                reason: "connect_failed".to_owned(),
                http_status: None,
                retry_after: None,
            },
            Self::RateLimited => SendOutcome::RateLimited { http_status: 429, retry_after: None },
            Self::Refused => SendOutcome::Refused { http_status: 400 },
            Self::Unknown => {
                SendOutcome::Unknown { cause: UnknownCause::Timeout, http_status: None }
            }
        }
    }
}
