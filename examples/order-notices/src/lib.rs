//! Example: a shop's service that tells customers of their parcels, on the PostgreSQL and Redis adapters alone.

mod commands;
mod notices;

pub use commands::answer;
pub use notices::Notices;
