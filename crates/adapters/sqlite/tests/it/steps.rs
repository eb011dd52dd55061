//! The words that these tests are written in.

use crate::support::TestFile;
use dispatcher_contract::message_store::{accepted, request};
use dispatcher_domain::{
    ClaimResult, ClaimedMessage, DispatchPolicy, MessageBody, MessageLimits, NewMessage, Ordering,
    PhoneNumber,
    ports::{DispatchControl, MessageRepo},
};
use dispatcher_sqlite::{
    Db, SqliteDispatchControl, SqliteDoubtfulMessages, SqliteMessageArchive, SqliteMessageControl,
    SqliteMessageRepo,
};
use rusqlite::Connection;
use std::{error::Error, num::NonZeroU32, time::Duration};

/// Far more than anything here takes: only a test that hangs meets it.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A recipient.
pub(crate) const ANNA: &str = "+905551234567";

/// A program of ours on a file.
pub(crate) struct Replica {
    pub(crate) messages: SqliteMessageRepo,
    pub(crate) control: SqliteDispatchControl,
    pub(crate) archive: SqliteMessageArchive,
    pub(crate) doubts: SqliteDoubtfulMessages,
    pub(crate) operators: SqliteMessageControl,
}

impl Replica {
    pub(crate) fn of(file: &TestFile) -> Self {
        Self::over(file.open())
    }

    pub(crate) fn over(db: Db) -> Self {
        Self {
            messages: SqliteMessageRepo::new(db.clone()),
            control: SqliteDispatchControl::new(db.clone()),
            archive: SqliteMessageArchive::new(db.clone()),
            doubts: SqliteDoubtfulMessages::new(db.clone()),
            operators: SqliteMessageControl::new(db),
        }
    }

    pub(crate) async fn claim(&self, want: u32) -> ClaimResult {
        let claim = self.messages.claim_due(&request(want)).await;
        claim.expect("the store answers").result
    }

    /// The messages that a claim of `want` starts, perhaps none.
    pub(crate) async fn start(&self, want: u32) -> Vec<ClaimedMessage> {
        match self.claim(want).await {
            ClaimResult::Started(messages) => messages,
            ClaimResult::Empty { .. } | ClaimResult::Held(_) => vec![],
        }
    }

    pub(crate) async fn start_one(&self) -> ClaimedMessage {
        let mut messages = self.start(1).await;
        assert_eq!(messages.len(), 1, "a message must be due");
        messages.remove(0)
    }

    pub(crate) async fn finish(&self, message: &ClaimedMessage) {
        let accepted = accepted();
        let recorded = self.messages.record_outcome(message.id, &message.lease, &accepted);
        recorded.await.expect("the store answers");
    }

    /// No quota and no order: claims take what they want.
    pub(crate) async fn free_flow(&self) {
        let policy = DispatchPolicy {
            batch_size: NonZeroU32::MIN,
            period: Duration::ZERO,
            ordering: Ordering::None,
        };
        self.control.install_policy(policy).await.expect("the store answers");
    }
}

/// A message that the API would take.
pub(crate) fn hello() -> NewMessage {
    NewMessage {
        phone_number: PhoneNumber::parse(ANNA).expect("a number"),
        body: MessageBody::parse("Hello", &MessageLimits::default()).expect("a text"),
    }
}

/// Messages to different recipients.
pub(crate) fn enqueue(shell: &Connection, count: u32) {
    let insert = "\
        INSERT INTO messages (phone_number, content) \
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ?1) \
        SELECT '+90555' || substr('0000000' || n, -7), 'Hello' FROM numbers";
    let inserted = shell.execute(insert, [count]).expect("a valid statement");
    assert_eq!(inserted, count as usize);
}

pub(crate) fn run(shell: &Connection, statement: &str) {
    assert_eq!(shell.execute(statement, []).expect("a valid statement"), 1, "{statement}");
}

pub(crate) fn count(shell: &Connection, query: &str) -> i64 {
    shell.query_row(query, [], |row| row.get(0)).expect("a valid query")
}

/// What a log or a terminal would show of it, down to the first cause.
pub(crate) fn whole_text(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text += &format!(": {error}");
        next = error.source();
    }
    text
}
