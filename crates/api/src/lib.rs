//! The REST API of Message Dispatcher: an inbound adapter over its use cases.
//!
//! [`Api`] holds the use cases, [`configure`] adds its routes to an actix-web
//! application, [`openapi::document`] describes them.
//!
//! The routes of the predecessor keep its bodies to the letter, errors
//! included; new routes answer errors as `application/problem+json` (RFC 9457)
//! with a stable `code`.

mod api;
mod body;
mod configure;
mod cursor;
mod dto;
mod legacy_error;
pub mod openapi;
mod problem;
mod routes;

pub use api::{Api, BuildInfo};
pub use configure::configure;
