//! What an operator may do with one message, and what becomes of it.

use crate::{ProviderMessageId, Status, StatusReason};
use std::time::Duration;

/// What an operator wants of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorCommand {
    /// Take it out of the queue.
    Cancel,
    /// Put it back into the queue.
    Requeue {
        /// Also when the provider may have accepted it already.
        force: bool,
    },
    /// The operator knows that the provider accepted it.
    ResolveSent {
        /// The provider's id, if the operator knows it.
        provider_message_id: Option<ProviderMessageId>,
    },
    /// The operator knows that the provider accepted none of its attempts.
    ResolveNotSent,
}

impl OperatorCommand {
    /// A word for the log.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Requeue { force: false } => "requeue",
            Self::Requeue { force: true } => "requeue_by_force",
            Self::ResolveSent { .. } => "resolve_sent",
            Self::ResolveNotSent => "resolve_not_sent",
        }
    }
}

/// A command, and what the operator had seen when giving it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRequest {
    /// What to do.
    pub command: OperatorCommand,
    /// The last attempt that the operator knows of. A message that has been
    /// started again since is refused: what was known of it is out of date.
    pub seen_attempt: Option<i32>,
}

/// What a decision rests on: the message as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where it is in its life.
    pub status: Status,
    /// Its last attempt; 0 before the first.
    pub attempt: i32,
    /// Sends whose outcome is unknown.
    pub unknown_outcomes: u32,
    /// How long ago it was first started under its present idempotency key;
    /// `None`: never.
    pub key_age: Option<Duration>,
    /// The provider's id, if it gave one.
    pub provider_message_id: Option<String>,
}

/// What a command makes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// It is as the operator wants it: a repeated command changes nothing.
    AlreadySo,
    /// Change it.
    Change(Change),
}

/// What changes. It waits for nothing any more, and a message that is `queued`
/// has all its tries again; its attempt number stays, because it fences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The new status.
    pub status: Status,
    /// Why.
    pub reason: StatusReason,
    /// The next attempt goes out under a new idempotency key.
    pub new_key: bool,
    /// No unknown outcome is left: the operator vouches that none was accepted.
    pub settled: bool,
    /// The provider's id, if the operator brought it.
    pub provider_message_id: Option<ProviderMessageId>,
}

/// Why a command was refused: nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is `sending`, and a request that is on its way cannot be called back.
    #[error("the message is being sent: wait until the attempt has ended")]
    InFlight,
    /// Its status does not allow that.
    #[error("the message is {status}: {advice}")]
    WrongStatus {
        /// The status.
        status: Status,
        /// What would be right.
        advice: &'static str,
    },
    /// Sending it again may send it twice.
    #[error(
        "the message is {status} and may have been sent: ask the provider and resolve it, or \
         requeue it with force and risk a second SMS"
    )]
    MaybeSent {
        /// The status.
        status: Status,
    },
    /// It was started again since the operator looked.
    #[error("the message is {status} and its last attempt is {attempt}: look at it again")]
    Outdated {
        /// The status.
        status: Status,
        /// Its last attempt.
        attempt: i32,
    },
}

impl OperatorRequest {
    /// What this request makes of a message that stands so.
    ///
    /// `key_window` is how long the provider remembers an idempotency key.
    ///
    /// # Errors
    /// [`Refusal`]: nothing may change, and what would be right.
    pub fn judge(&self, row: &Standing, key_window: Duration) -> Result<Ruling, Refusal> {
        let Standing { status, attempt, .. } = *row;
        if status == Status::Sending {
            return Err(Refusal::InFlight);
        }
        if self.seen_attempt.is_some_and(|seen| seen != attempt) {
            return Err(Refusal::Outdated { status, attempt });
        }
        match &self.command {
            OperatorCommand::Cancel => cancel(row),
            OperatorCommand::Requeue { force } => requeue(row, *force, key_window),
            OperatorCommand::ResolveSent { provider_message_id } => {
                resolve_sent(row, provider_message_id.as_ref())
            }
            OperatorCommand::ResolveNotSent => resolve_not_sent(row),
        }
    }
}

fn cancel(row: &Standing) -> Result<Ruling, Refusal> {
    match row.status {
        Status::Queued => Ok(change(Status::Canceled, "canceled_by_operator")),
        Status::Canceled => Ok(Ruling::AlreadySo),
        Status::Unconfirmed => Err(row.refuse("it has left already; resolve it as sent or not")),
        _ => Err(row.refuse("only a queued message can be canceled")),
    }
}

fn requeue(row: &Standing, force: bool, key_window: Duration) -> Result<Ruling, Refusal> {
    match row.status {
        // One that waits goes on waiting: its provider or its schedule said so.
        Status::Queued => return Ok(Ruling::AlreadySo),
        Status::Failed | Status::Canceled | Status::Expired | Status::Unconfirmed => {}
        Status::Rejected => {
            return Err(row.refuse(
                "it was rejected as it stands: enqueue it anew (or, with the reason legacy_null, \
                 set its column sent to FALSE)",
            ));
        }
        _ => return Err(row.refuse("to send the same text again, enqueue it anew")),
    }
    if row.maybe_sent() && !force {
        return Err(Refusal::MaybeSent { status: row.status });
    }
    // A provider that still knows the key sends no second SMS under it. One that
    // does not know keys loses nothing by it. After the window the key protects
    // nobody, and two SMS under one key would break what is promised of keys.
    let protected = row.maybe_sent() && row.key_age.is_none_or(|age| age < key_window);
    Ok(Ruling::Change(Change {
        new_key: !protected,
        ..plain(Status::Queued, "requeued_by_operator")
    }))
}

fn resolve_sent(row: &Standing, id: Option<&ProviderMessageId>) -> Result<Ruling, Refusal> {
    match row.status {
        Status::Sent | Status::Delivered | Status::Undelivered => {
            let other =
                id.is_some_and(|id| row.provider_message_id.as_deref() != Some(id.as_str()));
            if other {
                return Err(row.refuse("the provider's id of it is not this one"));
            }
            Ok(Ruling::AlreadySo)
        }
        Status::Queued if !row.maybe_sent() => {
            Err(row.refuse("none of its attempts can have been accepted; cancel it first"))
        }
        Status::Rejected if !row.maybe_sent() => Err(row.refuse("it was rejected and never sent")),
        _ => Ok(Ruling::Change(Change {
            provider_message_id: id.cloned(),
            ..plain(Status::Sent, "resolved_by_operator")
        })),
    }
}

fn resolve_not_sent(row: &Standing) -> Result<Ruling, Refusal> {
    match row.status {
        Status::Unconfirmed => Ok(Ruling::Change(Change {
            settled: true,
            ..plain(Status::Failed, "resolved_not_sent")
        })),
        // The same command again, or a refusal of the provider: known not sent.
        Status::Failed if !row.maybe_sent() => Ok(Ruling::AlreadySo),
        _ => Err(row.refuse("only an unconfirmed message can be resolved as not sent")),
    }
}

impl Standing {
    /// The provider may have accepted it although the status does not say so.
    fn maybe_sent(&self) -> bool {
        self.unknown_outcomes > 0 || self.status == Status::Unconfirmed
    }

    fn refuse(&self, advice: &'static str) -> Refusal {
        Refusal::WrongStatus { status: self.status, advice }
    }
}

fn change(status: Status, reason: &'static str) -> Ruling {
    Ruling::Change(plain(status, reason))
}

fn plain(status: Status, reason: &'static str) -> Change {
    Change {
        status,
        reason: StatusReason::of(reason),
        new_key: false,
        settled: false,
        provider_message_id: None,
    }
}

#[cfg(test)]
mod tests;
