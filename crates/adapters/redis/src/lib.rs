#![doc = include_str!("../README.md")]

mod cache;
mod config;
mod entry;
mod error;
mod receipts;

pub use cache::RedisDeliveryCache;
pub use config::{RedisConfig, RedisConfigError};
