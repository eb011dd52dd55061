//! The use cases of Message Dispatcher, over the ports of its domain.
//!
//! - [`Dispatcher`] sends one batch; [`DispatchLoop`] does so for ever.
//! - [`Rescuer`] parks messages whose owner vanished.
//! - [`Enqueue`], [`Inspect`], [`SentMessages`], [`Operate`] and [`CheckHealth`] serve the API.
//!
//! Nothing here knows a database, HTTP or a real clock.

mod clock;
mod dispatch_loop;
mod dispatcher;
mod drain;
mod enqueue;
mod entropy;
mod health;
mod inspect;
mod operate;
mod rescuer;
mod sent_messages;

pub use clock::SystemClock;
pub use dispatch_loop::{DispatchLoop, Wake};
pub use dispatcher::{BatchReport, Dispatcher, DispatcherConfig, DispatcherPorts, Pause};
pub use drain::{Drain, DrainSwitch};
pub use enqueue::{Enqueue, EnqueueError, InvalidField};
pub use entropy::SystemEntropy;
pub use health::{CheckHealth, DispatchHealth, Health};
pub use inspect::Inspect;
pub use operate::{Operate, Stopped};
pub use rescuer::Rescuer;
pub use sent_messages::{SentEntry, SentMessages, SentPage};
