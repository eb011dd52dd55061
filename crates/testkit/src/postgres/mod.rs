//! PostgreSQL for tests: one shared server with a fresh database per test, a server of one's own, or a pair.

mod copy;
mod parts;
mod server;

#[cfg(feature = "full")]
mod database;
#[cfg(feature = "full")]
mod pair;
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
pub use pair::PostgresPair;
#[cfg(feature = "full")]
pub use private::PrivatePostgres;
#[cfg(feature = "full")]
pub use shared::TestPostgres;
#[cfg(feature = "full")]
pub(crate) use shared::connect;
#[cfg(feature = "full")]
pub use template::template_name;
