//! Seeded bugs: what must be found when a rule is taken away.

use crate::{
    check::{Report, check},
    guard::{Guard, Guards},
    scope::Scope,
    scopes::{
        BATCHES, GATE, KEYS, LOST, LOST_IN_CALM, OLD_DECISION, OPERATED_KEYS, OPERATORS, RECEIPTS,
        RECIPIENT, REPEATS, SINGLE_FILE, STOPS, THREE,
    },
};

/// Guards behind which another stands that says no as well: taken away alone
/// they break nothing, and together they do.
pub const MASKED: [(Guard, Guard); 3] = [
    // Every claim has its own token and each of its messages its own attempt.
    (Guard::CompletionToken, Guard::CompletionAttempt),
    (Guard::CompletionAttempt, Guard::CompletionToken),
    // A key changes by a requeue, and in doubt it can be only after a START.
    (Guard::SettleEpoch, Guard::SettleAttempt),
];

impl Guard {
    /// Whether another guard stands behind this one.
    #[must_use]
    pub fn masked_by(self) -> Option<Self> {
        MASKED.iter().find(|(masked, _)| *masked == self).map(|(_, by)| *by)
    }

    /// A scope in which the protocol without this guard breaks a promise; where
    /// it is masked, without the guard behind it as well.
    #[must_use]
    pub fn shown_in(self) -> Scope {
        match self {
            Self::Enabled
            | Self::OneAtATime
            | Self::QueueOrder
            | Self::Look
            | Self::LookMargin
            | Self::CompletionStatus
            | Self::RescueLease
            | Self::RescueGrace
            | Self::LateProof => STOPS,
            Self::Quota | Self::TickAtEnd | Self::LostSend => SINGLE_FILE,
            Self::TickAtStart => BATCHES,
            Self::BusyToken => THREE,
            Self::Lane => RECIPIENT,
            Self::Gate => GATE,
            Self::CommitConfirmed | Self::GiveBackToken | Self::ResendByPolicy => LOST,
            Self::GiveBack => LOST_IN_CALM,
            Self::Rescue => RECEIPTS,
            Self::QueuedOnly | Self::CountAtPark | Self::LateRefusalStatus | Self::SettleStatus => {
                REPEATS
            }
            Self::LateRefusalAttempt | Self::OperatorLock => OPERATORS,
            Self::CompletionToken | Self::CompletionAttempt => RECIPIENT,
            Self::SettleAttempt | Self::SettleEpoch => OLD_DECISION,
            Self::ResendUntil | Self::KeyMargin | Self::SameKey => KEYS,
            Self::KeyOfRequeue => OPERATED_KEYS,
        }
    }
}

/// Looks for a broken promise without these two guards, or without the one if
/// they are the same: in the scope of either.
#[must_use]
pub fn without(pair: [Guard; 2]) -> Report {
    // Where much is visited before anything is found: mostly it is not needed.
    let is_slow = |guard: Guard| {
        guard.masked_by().is_some()
            || matches!(
                guard,
                Guard::SettleAttempt
                    | Guard::GiveBackToken
                    | Guard::ResendByPolicy
                    | Guard::ResendUntil
                    | Guard::KeyMargin
            )
    };
    let [mut first, mut second] = pair.map(Guard::shown_in);
    if is_slow(pair[0]) {
        std::mem::swap(&mut first, &mut second);
    }
    let report = check(first, Guards::without(&pair), 1);
    if report.violation.is_some() || first == second {
        return report;
    }
    check(second, Guards::without(&pair), 1)
}

/// All pairs of different guards, each once.
#[must_use]
pub fn pairs() -> Vec<[Guard; 2]> {
    let all = Guard::ALL;
    let after = |(index, first)| all[index + 1..].iter().map(move |second| [first, *second]);
    all.into_iter().enumerate().flat_map(after).collect()
}

/// Whether taking away these two must break a promise: unless each is masked by
/// a guard that is still there.
#[must_use]
pub fn must_be_found(pair: [Guard; 2]) -> bool {
    pair.iter().any(|guard| guard.masked_by().is_none_or(|by| pair.contains(&by)))
}
