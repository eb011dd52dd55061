//! The heart of Message Dispatcher: what a message is, which statuses it goes
//! through, when a send may start, and what its outcome means.
//!
//! Nothing here does I/O, reads a clock or knows a database: time and chance
//! arrive as parameters, so every rule can be tested with plain values. The
//! outside world appears only as the traits in [`ports`].
//!
//! ```
//! use dispatcher_domain::{PhoneNumber, MessageBody, MessageLimits};
//!
//! let to = PhoneNumber::parse("+905551234567")?;
//! let body = MessageBody::parse("Your code is 481516", &MessageLimits::default())?;
//! assert_eq!(body.chars(), 19);
//! assert_eq!(format!("{to:?}"), "PhoneNumber(+9…67)", "never whole in a log");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attempt;
mod breaker;
mod claim;
mod completion;
mod control;
mod delivery_policy;
mod derived;
mod doubt;
mod e164;
mod message;
mod message_body;
mod operator;
mod outcome;
mod phone_number;
mod policy;
pub mod ports;
mod receipt;
mod retry;
mod status;
mod terms;
mod text;
#[cfg(test)]
mod words;

pub use attempt::{IdempotencyKey, InstanceName, Lease, LeaseToken};
pub use breaker::{Breaker, BreakerPolicy, OpenBreaker, Probe, ProviderRecord};
pub use claim::{Claim, ClaimRequest, ClaimResult, ClaimedMessage, RejectedRow};
pub use completion::{Completion, Effect, ProviderSignal};
pub use control::{Admission, Busy, ClockAlarm, ControlState, Hold, HoldReason};
pub use delivery_policy::DeliveryPolicy;
pub use derived::Derived;
pub use doubt::{
    CachedReceipt, DoubtfulAttempt, Evidence, InDoubt, LookUp, ProbeBackoff, Proof, Resolution,
    ResolutionPolicy,
};
pub use e164::E164;
pub use message::{MessageId, NewMessage, QueuedRow};
pub use message_body::{InvalidBody, MessageBody, MessageLimits};
pub use operator::{Change, OperatorCommand, OperatorRequest, Refusal, Ruling, Standing};
pub use outcome::{OutcomeClass, SendOutcome, UnknownCause};
pub use phone_number::{InvalidPhoneNumber, PhoneNumber};
pub use policy::{DispatchPolicy, InvalidPolicy, Ordering};
pub use receipt::{CachedDelivery, MissingDelivery, ProviderMessageId, Receipt};
pub use retry::RetryPolicy;
pub use status::{Status, StatusReason, UnknownStatus};
pub use terms::{InvalidTerms, Priority, Terms, storable};
pub use text::{ForbiddenCharacter, Segmentation, TextEncoding, segments};

/// The examples of the README are tests too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
