//! A claim: what a replica asks of the queue, and what it gets.

use crate::{
    ClockAlarm, Hold, IdempotencyKey, InstanceName, Lease, LeaseToken, MessageBody, MessageId,
    MessageLimits, PhoneNumber, StatusReason,
};
use std::time::Duration;

/// What a replica asks of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRequest {
    /// Free slots of the replica: most messages it can start at once.
    pub want: u32,
    /// Fresh token, chosen by the claimer.
    pub token: LeaseToken,
    /// How long the messages stay ours.
    pub lease: Duration,
    /// Who asks.
    pub instance: InstanceName,
    /// What counts as a valid row.
    pub limits: MessageLimits,
}

/// What came of a [`ClaimRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What was started, or why nothing was.
    pub result: ClaimResult,
    /// Rows written by SQL that are no valid SMS, found on the way.
    pub rejected: Vec<RejectedRow>,
    /// Messages whose time was over, found on the way.
    pub expired: Vec<MessageId>,
    /// Times on the control row that had to be mended.
    pub alarms: Vec<ClockAlarm>,
}

/// What was started, or why nothing was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimResult {
    /// These are `sending` now: POST each once, in this order.
    Started(Vec<ClaimedMessage>),
    /// No message is due.
    Empty {
        /// When the next scheduled one falls due, if any is scheduled.
        next_due_in: Option<Duration>,
    },
    /// No send may start.
    Held(Hold),
}

/// A message that is ours to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedMessage {
    /// Row id.
    pub id: MessageId,
    /// The right to send it.
    pub lease: Lease,
    /// Key of every POST of this message.
    pub key: IdempotencyKey,
    /// Where it goes.
    pub phone_number: PhoneNumber,
    /// What it says.
    pub body: MessageBody,
}

/// A row that was found to be no valid SMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// Row id.
    pub id: MessageId,
    /// What is wrong with it.
    pub reason: StatusReason,
}
