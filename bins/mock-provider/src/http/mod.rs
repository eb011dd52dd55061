//! The provider as its clients see it: connections, routes, answers.

mod body;
mod listen;
mod play;
mod query;
mod reply;
mod routes;
mod send;

pub(crate) use listen::serve;

/// How a connection ends without an answer. Given to hyper as the service's error, which makes it close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection is dropped on purpose")]
enum Dropped {
    /// It closes in order.
    Closed,
    /// It is reset.
    Reset,
    /// Bytes that are no HTTP are written first.
    Nonsense,
}
