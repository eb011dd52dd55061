#![doc = include_str!("../README.md")]

mod classify;
mod config;
mod failure;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gateway;
mod look_up;
mod retry_after;
mod tls;
mod wire;

pub use config::{HttpGatewayConfig, HttpGatewayError};
pub use gateway::HttpSmsGateway;
