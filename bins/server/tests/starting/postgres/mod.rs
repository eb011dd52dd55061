//! PostgreSQL, and what is not PostgreSQL.

pub(crate) mod address;
pub(crate) mod rights;
pub(crate) mod tables;
