//! The rules of the protocol that can be taken away.

use std::fmt;

/// A rule of the protocol. A model without it must break a promise: else the
/// checker is blind to it, or another rule says no in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Guard {
    /// START takes `queued` messages only, none in doubt.
    QueuedOnly,
    /// START asks whether sending is switched on.
    Enabled,
    /// A batch is no larger than its size.
    Quota,
    /// The start of a send pushes the next batch away.
    TickAtStart,
    /// The end of a send pushes the next batch away.
    TickAtEnd,
    /// A send whose owner vanished counts until the end of its lease.
    LostSend,
    /// With strict order, one send at a time.
    OneAtATime,
    /// The end of a send ends the wait for that send, and for no other.
    BusyToken,
    /// The head of the queue goes first.
    QueueOrder,
    /// Never two sends to one recipient.
    Lane,
    /// A stop waits for STARTs that have read the switch already.
    Gate,
    /// No POST without the answer to START's COMMIT.
    CommitConfirmed,
    /// A look at the lease just before the POST.
    Look,
    /// That look wants a margin beyond the deadline.
    LookMargin,
    /// A completion or release changes only what is `sending`.
    CompletionStatus,
    /// A completion or release changes only what has its token.
    CompletionToken,
    /// A completion or release changes only what has its attempt.
    CompletionAttempt,
    /// A claim that was not confirmed gives back what has its token only.
    GiveBackToken,
    /// A claim that was not confirmed is given back at all.
    GiveBack,
    /// There is a rescue at all.
    Rescue,
    /// The rescue waits for the end of the lease.
    RescueLease,
    /// The rescue waits for the grace as well.
    RescueGrace,
    /// A park counts an unknown outcome.
    CountAtPark,
    /// Late proof of acceptance counts.
    LateProof,
    /// A late refusal counts for the current attempt only.
    LateRefusalAttempt,
    /// A late refusal counts for what is `unconfirmed` only.
    LateRefusalStatus,
    /// What was decided about a doubt changes only what is `unconfirmed`.
    SettleStatus,
    /// What was decided about a doubt changes only the attempt it was about.
    SettleAttempt,
    /// What was decided about a doubt changes only the key it was about.
    SettleEpoch,
    /// Nothing in doubt is sent again without leave of the policy.
    ResendByPolicy,
    /// No START of a repeat once the provider may have forgotten its key.
    ResendUntil,
    /// The longest way of a POST is taken off the time that a key is good for.
    KeyMargin,
    /// A repeat goes out under the key of the first send.
    SameKey,
    /// An operator's decision and a START exclude each other.
    OperatorLock,
    /// A forced requeue keeps the key while it protects.
    KeyOfRequeue,
}

impl Guard {
    /// All of them.
    pub const ALL: [Self; 35] = [
        Self::QueuedOnly,
        Self::Enabled,
        Self::Quota,
        Self::TickAtStart,
        Self::TickAtEnd,
        Self::LostSend,
        Self::OneAtATime,
        Self::BusyToken,
        Self::QueueOrder,
        Self::Lane,
        Self::Gate,
        Self::CommitConfirmed,
        Self::Look,
        Self::LookMargin,
        Self::CompletionStatus,
        Self::CompletionToken,
        Self::CompletionAttempt,
        Self::GiveBackToken,
        Self::GiveBack,
        Self::Rescue,
        Self::RescueLease,
        Self::RescueGrace,
        Self::CountAtPark,
        Self::LateProof,
        Self::LateRefusalAttempt,
        Self::LateRefusalStatus,
        Self::SettleStatus,
        Self::SettleAttempt,
        Self::SettleEpoch,
        Self::ResendByPolicy,
        Self::ResendUntil,
        Self::KeyMargin,
        Self::SameKey,
        Self::OperatorLock,
        Self::KeyOfRequeue,
    ];
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// The rules that are in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Guards {
    removed: u64,
}

impl Guards {
    /// The protocol as it is.
    #[must_use]
    pub const fn all() -> Self {
        Self { removed: 0 }
    }

    /// The protocol without these rules.
    #[must_use]
    pub fn without(removed: &[Guard]) -> Self {
        Self { removed: removed.iter().fold(0, |bits, guard| bits | 1 << *guard as u8) }
    }

    /// Whether this rule is in force.
    #[must_use]
    pub const fn has(self, guard: Guard) -> bool {
        self.removed & (1 << guard as u8) == 0
    }
}
