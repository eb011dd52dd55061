//! The words that these tests are written in.

use crate::support;
use dispatcher_contract::message_store::{accepted, request};
use dispatcher_domain::{
    ClaimResult, ClaimedMessage, DispatchPolicy, MessageId, OperatorCommand, OperatorRequest,
    Ordering,
    ports::{Decided, DispatchControl, MessageControl, MessageRepo},
};
use dispatcher_postgres::{Db, PgDispatchControl, PgMessageControl, PgMessageRepo};
use dispatcher_testkit::TestDatabase;
use std::{error::Error, num::NonZeroU32, sync::Arc, time::Duration};
use tokio_postgres::Client;

/// Far more than anything here takes: only a test that hangs meets it.
pub(crate) const LIMIT: Duration = Duration::from_secs(180);

/// A program of ours: a pool of its own, as in a process of its own.
pub(crate) struct Replica {
    pub(crate) messages: PgMessageRepo,
    pub(crate) control: PgDispatchControl,
    pub(crate) operators: PgMessageControl,
}

impl Replica {
    pub(crate) fn of(database: &TestDatabase) -> Arc<Self> {
        Self::over(support::pool(database))
    }

    pub(crate) fn over(db: Db) -> Arc<Self> {
        Arc::new(Self {
            messages: PgMessageRepo::new(db.clone()),
            control: PgDispatchControl::new(db.clone()),
            operators: PgMessageControl::new(db),
        })
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

    pub(crate) async fn decide(&self, id: i64, command: OperatorCommand) -> Decided {
        let request = OperatorRequest { command, seen_attempt: None };
        let day = Duration::from_secs(24 * 3600);
        let decided = self.operators.decide(MessageId(id), &request, day).await;
        decided.expect("the store answers")
    }

    pub(crate) async fn pace(&self, batch: u32, period: Duration, ordering: Ordering) {
        let batch_size = NonZeroU32::new(batch).expect("not zero");
        let policy = DispatchPolicy { batch_size, period, ordering };
        self.control.install_policy(policy).await.expect("the store answers");
    }

    /// No quota and no order: claims take what they want.
    pub(crate) async fn free_flow(&self) {
        self.pace(1, Duration::ZERO, Ordering::None).await;
    }
}

/// Messages to different recipients.
pub(crate) async fn enqueue(sql: &Client, count: i32) {
    let insert = "INSERT INTO messages (phone_number, content) \
                  SELECT '+90555' || lpad(n::text, 7, '0'), 'Hello' FROM generate_series(1, $1) n";
    sql.execute(insert, &[&count]).await.expect("a valid statement");
}

/// A message; its id.
pub(crate) async fn insert(sql: &Client, phone_number: &str) -> i64 {
    let insert = "INSERT INTO messages (phone_number, content) VALUES ($1, 'Hello') RETURNING id";
    sql.query_one(insert, &[&phone_number]).await.expect("a valid statement").get(0)
}

pub(crate) async fn count(sql: &Client, query: &str) -> i64 {
    sql.query_one(query, &[]).await.expect("a valid query").get(0)
}

/// What a log or a terminal would show of it, down to the first cause.
pub(crate) fn whole_text(error: &(dyn Error + 'static)) -> String {
    let mut text = format!("{error} {error:?}");
    let mut next = error.source();
    while let Some(error) = next {
        text += &format!(": {error} {error:?}");
        next = error.source();
    }
    text
}
