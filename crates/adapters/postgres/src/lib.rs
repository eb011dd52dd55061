//! PostgreSQL message store of Message Dispatcher.
//!
//! [`Db`] is a connection pool whose every call has a deadline. Over it lie one
//! small type per port: [`PgMessageRepo`] (the queue protocol),
//! [`PgDoubtfulMessages`] (sends of unknown outcome), [`PgDispatchControl`] (the
//! switch and the pace), [`PgMessageControl`] (what operators decide),
//! [`PgMessageArchive`] (lists of messages) and [`PgQueueStats`] (how much is in
//! the queue). [`migrations`] brings the tables.
//!
//! ```no_run
//! use dispatcher_domain::ports::MessageArchive;
//! use dispatcher_postgres::{Db, PgConfig, PgMessageArchive};
//!
//! # async fn example() -> anyhow::Result<()> {
//! let config = PgConfig::new("localhost", 5432, "messages_db", "postgres", "password");
//! let archive = PgMessageArchive::new(Db::connect_lazily(&config)?);
//! println!("{} messages were sent", archive.count_sent().await?);
//! # Ok(())
//! # }
//! ```

mod archive;
mod claim;
mod codes;
mod completion;
mod config;
mod control;
mod control_row;
mod db;
mod derived;
mod doubt;
mod driver;
mod enqueue;
mod error;
mod expiry;
mod message_control;
pub mod migrations;
mod queue_stats;
mod refusal;
mod release;
mod repo;
mod rescue;
mod servers;
mod summary;
mod tls;
mod transaction;
mod trouble;

pub use archive::PgMessageArchive;
pub use config::{PgConfig, PgServer, SslMode};
pub use control::PgDispatchControl;
pub use db::Db;
pub use doubt::PgDoubtfulMessages;
pub use error::ConfigError;
pub use message_control::PgMessageControl;
pub use queue_stats::PgQueueStats;
pub use repo::PgMessageRepo;
pub use trouble::Trouble;

/// Keeps the example of the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
