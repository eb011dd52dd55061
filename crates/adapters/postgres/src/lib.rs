//! PostgreSQL message store of Message Dispatcher.
//!
//! [`Db`] is a connection pool whose every call has a deadline. Over it lie one
//! small type per port: [`PgMessageRepo`] (the queue protocol),
//! [`PgDispatchControl`] (the switch and the pace), [`PgMessageArchive`] (the
//! list of sent messages) and [`PgQueueStats`] (how much is in the queue). [`migrations`] brings the tables.
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
mod completion;
mod config;
mod control;
mod control_row;
mod db;
mod enqueue;
mod error;
pub mod migrations;
mod queue_stats;
mod release;
mod repo;
mod rescue;
mod tls;
mod transaction;

pub use archive::PgMessageArchive;
pub use config::{PgConfig, SslMode};
pub use control::PgDispatchControl;
pub use db::Db;
pub use error::ConfigError;
pub use queue_stats::PgQueueStats;
pub use repo::PgMessageRepo;

/// Keeps the example of the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
