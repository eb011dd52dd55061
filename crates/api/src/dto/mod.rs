//! The bodies on the wire, and how they come from the domain: one file per
//! group of routes.

mod control;
mod derived;
mod health;
mod message;
mod messages;
mod operators;

pub(crate) use control::ControlBody;
pub(crate) use derived::DerivedBody;
pub(crate) use health::{DependenciesBody, DispatchBody, HealthBody, VersionBody};
pub(crate) use message::{AttemptBody, MessageBody, MessageListBody, MessageSummaryBody};
pub(crate) use messages::{EnqueueBody, EnqueuedBody, SentListBody, SentMessageBody};
pub(crate) use operators::{CancelBody, DecisionBody, RequeueBody, ResolveBody};
