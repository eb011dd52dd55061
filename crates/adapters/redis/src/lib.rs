#![doc = include_str!("../README.md")]

mod cache;
mod config;
mod entry;
mod error;

pub use cache::RedisDeliveryCache;
pub use config::{RedisConfig, RedisConfigError};
