//! SQLite message store of Message Dispatcher: one machine, one file.
//!
//! [`Db`] is an open file whose every call has a deadline. Over it lie one
//! small type per port: [`SqliteMessageRepo`] (the queue protocol),
//! [`SqliteDispatchControl`] (the switch and the pace) and
//! [`SqliteMessageArchive`] (the list of sent messages). [`migrations`] brings
//! the tables.

mod archive;
mod claim;
mod columns;
mod completion;
mod config;
mod connection;
mod control;
mod control_row;
mod db;
mod enqueue;
mod error;
mod fate;
mod lock;
pub mod migrations;
mod place;
mod release;
mod repo;
mod rescue;
mod transaction;
mod workers;

pub use archive::SqliteMessageArchive;
pub use config::SqliteConfig;
pub use control::SqliteDispatchControl;
pub use db::Db;
pub use error::{FileError, OpenError};
pub use repo::SqliteMessageRepo;
