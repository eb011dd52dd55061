#![doc = include_str!("../README.md")]

mod classify;
mod config;
mod failure;
mod gateway;
mod look_up;
mod retry_after;
mod tls;
mod wire;

pub use config::{HttpGatewayConfig, HttpGatewayError};
pub use gateway::HttpSmsGateway;
