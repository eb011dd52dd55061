//! A SQLite file, and what is none.

mod disk;
pub(crate) mod file;
pub(crate) mod tables;
