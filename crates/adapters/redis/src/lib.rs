#![doc = include_str!("../README.md")]

mod cache;
mod config;
mod entry;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod receipts;

pub use cache::RedisDeliveryCache;
pub use config::{RedisConfig, RedisConfigError};
