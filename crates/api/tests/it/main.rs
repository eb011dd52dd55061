//! The REST API as its clients see it: status, headers and body, byte by byte.

mod access;
mod broken_list;
mod enqueue;
mod enqueue_errors;
mod health;
mod list;
mod message;
mod messaging;
mod metrics;
mod openapi;
mod operators;
mod probes;
mod sent_list;
mod sent_pages;
mod slow_body;
mod store_down;
mod support;
mod unknown_routes;
