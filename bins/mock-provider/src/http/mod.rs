//! The provider as its clients see it: connections, routes, answers.

mod body;
mod listen;
mod play;
mod query;
mod reply;
mod routes;
mod send;

pub(crate) use listen::serve;

/// Why a connection closes without an answer. Given to hyper as the service's error, which makes it close.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped on purpose")]
struct Dropped;
