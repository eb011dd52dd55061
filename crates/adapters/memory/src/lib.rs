//! In-memory message store and delivery cache of Message Dispatcher.
//!
//! A full implementation of the ports, for `dev` mode and for tests: it passes
//! the same contract suite as the databases. It forgets everything when its
//! process ends, so it is no store for production.
//!
//! ```
//! use dispatcher_domain::{MessageBody, MessageLimits, NewMessage, PhoneNumber, Terms};
//! use dispatcher_domain::ports::MessageRepo;
//! use dispatcher_memory::MemoryStore;
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let store = MemoryStore::new(|| jiff::Timestamp::UNIX_EPOCH);
//! let message = NewMessage {
//!     phone_number: PhoneNumber::parse("+905551234567")?,
//!     body: MessageBody::parse("Hello", &MessageLimits::default())?,
//! };
//! assert_eq!(store.enqueue(&message, &Terms::default()).await?.id.0, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cache;
mod claim;
mod completion;
mod doubt;
mod expiry;
mod foreign;
mod operator;
mod queue_stats;
mod records;
mod row;
mod store;
mod tables;

pub use cache::MemoryDeliveryCache;
pub use row::{AttemptRow, MessageRow};
pub use store::MemoryStore;

/// The examples of the README are tests too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
