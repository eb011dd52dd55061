#![doc = include_str!("../README.md")]

mod failure;
mod fit;
mod migration;
mod schema;
mod statements;

pub use failure::FailedStatement;
pub use fit::{Fit, Misfit, asks};
pub use migration::{AppliedMigration, Migration};
pub use schema::{MigrationState, MigrationStatus, Schema, SchemaConflict};
pub use statements::{Statement, statements};
