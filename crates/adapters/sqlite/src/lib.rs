//! SQLite message store of Message Dispatcher: one machine, one file.
//!
//! [`Db`] is an open file whose every call has a deadline. Over it lie one
//! small type per port: [`SqliteMessageRepo`] (the queue protocol),
//! [`SqliteDoubtfulMessages`] (sends of unknown outcome),
//! [`SqliteDispatchControl`] (the switch and the pace), [`SqliteMessageControl`]
//! (what operators decide), [`SqliteMessageArchive`] (lists of messages) and
//! [`SqliteQueueStats`] (how much is in the queue). [`migrations`] brings the
//! tables.
//!
//! ```no_run
//! use dispatcher_domain::ports::MessageArchive;
//! use dispatcher_sqlite::{Db, SqliteConfig, SqliteMessageArchive};
//!
//! # fn clock() -> jiff::Timestamp { jiff::Timestamp::default() }
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let archive = SqliteMessageArchive::new(Db::open(&SqliteConfig::new("messages.db"), clock)?);
//! println!("{} messages were sent", archive.count_sent().await?);
//! # Ok(())
//! # }
//! ```

mod archive;
mod claim;
mod columns;
mod completion;
mod config;
mod connection;
mod control;
mod control_row;
mod db;
mod derived;
mod doubt;
mod enqueue;
mod error;
mod expiry;
mod fate;
mod lock;
mod message_control;
pub mod migrations;
mod open_error;
mod place;
mod queue_stats;
mod release;
mod repo;
mod rescue;
mod summary;
mod transaction;
mod workers;

pub use archive::SqliteMessageArchive;
pub use config::SqliteConfig;
pub use control::SqliteDispatchControl;
pub use db::Db;
pub use doubt::SqliteDoubtfulMessages;
pub use error::FileError;
pub use message_control::SqliteMessageControl;
pub use open_error::OpenError;
pub use queue_stats::SqliteQueueStats;
pub use repo::SqliteMessageRepo;

/// Keeps the example of the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
