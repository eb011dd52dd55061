//! What the programs of Message Dispatcher share.
//!
//! Settings know no adapter and adapters know no settings, so what translates
//! between them stands here, once, for all programs: [`pg_config`] and [`sqlite_config`]. Beside it
//! lie the things that every program does alike: its log ([`telemetry`]), what
//! it says about itself ([`version`]), and how it ends ([`exit`]).

pub mod exit;
mod postgres;
mod sqlite;
pub mod telemetry;
pub mod version;

pub use postgres::pg_config;
pub use sqlite::sqlite_config;
