//! Trouble on a line.

use std::time::Duration;

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Everything comes so much later.
    Latency(Duration),
    /// Everything comes in pieces of so many bytes.
    Slices(usize),
    /// It is reset, at once and whenever somebody tries again.
    Reset,
    /// It is up, and swallows everything one way.
    HalfOpen(Direction),
    /// It is up, and swallows everything; so do new ones.
    BlackHole,
    /// It ends, in order, when the client says COMMIT: the server does not hear it.
    EndBeforeCommit,
    /// The same when the server has done it and wants to say so.
    EndAfterCommit,
}

/// One way of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    ToServer,
    ToClient,
}

impl Fault {
    /// Whether what goes this way arrives at all.
    pub(super) fn swallows(self, direction: Direction) -> bool {
        match self {
            Self::BlackHole => true,
            Self::HalfOpen(way) => way == direction,
            _ => false,
        }
    }
}
