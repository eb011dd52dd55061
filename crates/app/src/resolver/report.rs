//! What a round came to, and the line in the log for each decision.

use dispatcher_domain::{InDoubt, Proof, Resolution, StatusReason, ports::DoubtWord};

/// What one [`super::Resolver::run_once`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResolverReport {
    /// The provider has accepted them: `sent`.
    pub sent: u32,
    /// Sent again, with the same key.
    pub resent: u32,
    /// Tries used up: dead letters.
    pub failed: u32,
    /// They stay in doubt until the next look.
    pub waiting: u32,
    /// Somebody else settled them meanwhile.
    pub overtaken: u32,
    /// The store does not understand what became of them.
    pub unrecorded: u32,
}

/// What a look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Sent,
    Resent,
    Failed,
    Waiting,
    Overtaken,
    Unrecorded,
    /// The process ends: somebody else looks later.
    Drained,
}

impl End {
    pub(super) fn of(resolution: &Resolution) -> Self {
        match resolution {
            Resolution::Sent { .. } => Self::Sent,
            Resolution::Resend { .. } => Self::Resent,
            Resolution::Fail => Self::Failed,
            Resolution::Wait { .. } => Self::Waiting,
        }
    }
}

impl ResolverReport {
    pub(super) fn note(&mut self, end: End) {
        let counter = match end {
            End::Sent => &mut self.sent,
            End::Resent => &mut self.resent,
            End::Failed => &mut self.failed,
            End::Waiting => &mut self.waiting,
            End::Overtaken => &mut self.overtaken,
            End::Unrecorded => &mut self.unrecorded,
            End::Drained => return,
        };
        *counter += 1;
    }
}

/// The word under which a decision is counted.
pub(super) fn word(resolution: &Resolution) -> DoubtWord {
    match resolution {
        Resolution::Sent { proof: Proof::Receipt { .. }, .. } => DoubtWord::Receipt,
        Resolution::Sent { proof: Proof::LookUp, .. } => DoubtWord::LookUp,
        Resolution::Resend { .. } => DoubtWord::Resend,
        Resolution::Fail => DoubtWord::Fail,
        Resolution::Wait { .. } => DoubtWord::Wait,
    }
}

pub(super) fn tell(doubt: &InDoubt, resolution: &Resolution) {
    let (id, attempt) = (doubt.id, doubt.attempt);
    let reason = resolution.reason();
    let reason = reason.as_ref().map_or("none", StatusReason::as_str);
    match resolution {
        Resolution::Sent { .. } => {
            tracing::info!(%id, attempt, reason, "a message in doubt was accepted: sent");
        }
        Resolution::Resend { .. } => {
            tracing::info!(%id, attempt, reason, "a message in doubt will be sent again");
        }
        Resolution::Fail => {
            tracing::warn!(%id, attempt, reason, "a message in doubt is given up: failed");
        }
        Resolution::Wait { .. } => {
            tracing::warn!(%id, attempt, reason, "a message stays in doubt: unconfirmed");
        }
    }
}
