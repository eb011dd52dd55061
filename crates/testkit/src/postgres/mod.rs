//! PostgreSQL for tests: one shared server with a fresh database per test, or a server of one's own.

mod parts;
mod server;

#[cfg(feature = "full")]
mod database;
#[cfg(feature = "full")]
mod private;
#[cfg(feature = "full")]
mod shared;
#[cfg(feature = "full")]
mod template;

pub use parts::PostgresParts;
pub use server::{Durability, PostgresServer};

#[cfg(feature = "full")]
pub use database::TestDatabase;
#[cfg(feature = "full")]
pub use private::PrivatePostgres;
#[cfg(feature = "full")]
pub use shared::TestPostgres;
#[cfg(feature = "full")]
pub(crate) use shared::connect;
#[cfg(feature = "full")]
pub use template::template_name;
