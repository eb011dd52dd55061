//! What PostgreSQL's protocol says of a transaction.
//!
//! The driver writes each message with one call, and waits for the answers of
//! a statement before it commits: whole statements can be looked for in what
//! one read brings.

use super::moment::Step;

/// The simple query, as it stands on the wire.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

/// What follows which statement, if it touched anything.
const STATEMENTS: [(&[u8], Step); 4] = [
    (b"INSERT INTO attempts", Step::Claim),
    (b"UPDATE attempts a SET finished_at = coalesce", Step::Completion),
    (b"outcome = 'abandoned'", Step::Rescue),
    (b"AND key_epoch = $4 AND status = 'unconfirmed'", Step::Settle),
];

/// How the server says that a statement found nothing.
const NOTHING: [&[u8]; 2] = [b"SELECT 0\0", b"UPDATE 0\0"];

/// Follows one connection.
#[derive(Default)]
pub(super) struct Session {
    step: Option<Step>,
}

impl Session {
    /// Hears what the client says; the step that it wants to commit.
    pub(super) fn client_says(&mut self, bytes: &[u8]) -> Option<Step> {
        if contains(bytes, COMMIT) {
            return self.step.take();
        }
        let spoken = STATEMENTS.iter().find(|(statement, _)| contains(bytes, statement));
        if let Some((_, step)) = spoken {
            self.step = Some(*step);
        }
        None
    }

    /// Hears what the server answers.
    pub(super) fn server_says(&mut self, bytes: &[u8]) {
        let may_be_idle = matches!(self.step, Some(Step::Rescue | Step::Settle));
        if may_be_idle && NOTHING.iter().any(|nothing| contains(bytes, nothing)) {
            self.step = None;
        }
    }
}

pub(super) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
