//! The moments of a send that can be told from outside.

/// A moment on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// A transaction of the protocol commits.
    Commit(Step, Edge),
    /// A receipt is written.
    Receipt(Edge),
    /// A POST is under way.
    Post(Progress),
}

/// The transactions of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// START.
    Claim,
    /// The end of a send.
    Completion,
    /// At least one message is parked whose owner vanished.
    Rescue,
    /// Something was decided about a message in doubt.
    Settle,
}

/// On which side of its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edge {
    /// The server has not heard of it, and never will.
    Before,
    /// The server has done it, and nobody has been told.
    Unanswered,
    /// It is done, and the replica has been told.
    After,
}

/// How far a POST has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Progress {
    /// No byte of it has left.
    Nothing,
    /// The provider has its head and half of its body.
    HalfTheRequest,
    /// The provider has answered it, and nothing of the answer has come back.
    Request,
    /// The head of the answer has come back.
    Head,
}
