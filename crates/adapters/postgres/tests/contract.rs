//! The PostgreSQL store passes the suite of every message store.

#[path = "support/agreement.rs"]
mod agreement;
#[path = "../../memory/tests/support/mod.rs"]
mod memory;
mod support;

use async_trait::async_trait;
use dispatcher_contract::message_store::{Attempt, Fixture, Row};
use dispatcher_domain::{
    MessageId,
    ports::{
        DispatchControl, DoubtfulMessages, MessageArchive, MessageControl, MessageRepo, QueueStats,
    },
};
use dispatcher_postgres::{
    PgDispatchControl, PgDoubtfulMessages, PgMessageArchive, PgMessageControl, PgMessageRepo,
    PgQueueStats,
};
use dispatcher_testkit::TestDatabase;
use jiff::SignedDuration;
use std::time::Duration;
use tokio_postgres::Client;

struct Postgres {
    messages: PgMessageRepo,
    control: PgDispatchControl,
    operators: PgMessageControl,
    archive: PgMessageArchive,
    doubts: PgDoubtfulMessages,
    stats: PgQueueStats,
    sql: Client,
    _database: TestDatabase,
}

async fn new_fixture() -> Postgres {
    let database = support::in_manual_time().await;
    let db = support::pool(&database);
    Postgres {
        messages: PgMessageRepo::new(db.clone()),
        control: PgDispatchControl::new(db.clone()),
        operators: PgMessageControl::new(db.clone()),
        archive: PgMessageArchive::new(db.clone()),
        doubts: PgDoubtfulMessages::new(db.clone()),
        stats: PgQueueStats::new(db),
        sql: database.client().await.expect("a client"),
        _database: database,
    }
}

impl Postgres {
    async fn change(&self, sql: &str, params: &[&(dyn tokio_postgres::types::ToSql + Sync)]) {
        let changed = self.sql.execute(sql, params).await.expect("a valid statement");
        assert_eq!(changed, 1, "{sql}");
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[async_trait]
impl Fixture for Postgres {
    fn messages(&self) -> &dyn MessageRepo {
        &self.messages
    }

    fn control(&self) -> &dyn DispatchControl {
        &self.control
    }

    fn operators(&self) -> &dyn MessageControl {
        &self.operators
    }

    fn archive(&self) -> &dyn MessageArchive {
        &self.archive
    }

    fn doubts(&self) -> &dyn DoubtfulMessages {
        &self.doubts
    }

    fn stats(&self) -> &dyn QueueStats {
        &self.stats
    }

    async fn advance(&self, by: SignedDuration) {
        let sql = "UPDATE test_clock SET now = now + $1 * interval '1 millisecond'";
        self.change(sql, &[&(by.as_secs_f64() * 1000.0)]).await;
    }

    async fn insert_unchecked(&self, phone_number: &str, content: &str) -> MessageId {
        let sql = "INSERT INTO messages (phone_number, content) VALUES ($1, $2) RETURNING id";
        MessageId(self.sql.query_one(sql, &[&phone_number, &content]).await.unwrap().get(0))
    }

    async fn rewrite(&self, id: MessageId, phone_number: &str, content: &str) {
        let sql = "UPDATE messages SET phone_number = $2, content = $3 WHERE id = $1";
        self.change(sql, &[&id.0, &phone_number, &content]).await;
    }

    async fn set_priority(&self, id: MessageId, priority: i16) {
        self.change("UPDATE messages SET priority = $2 WHERE id = $1", &[&id.0, &priority]).await;
    }

    async fn schedule(&self, id: MessageId, after: Duration) {
        let sql = "UPDATE messages SET \
                   not_before = dispatch_now() + $2 * interval '1 millisecond' WHERE id = $1";
        self.change(sql, &[&id.0, &millis(after)]).await;
    }

    async fn let_expire(&self, id: MessageId, after: SignedDuration) {
        let sql = "UPDATE messages SET \
                   expires_at = dispatch_now() + $2 * interval '1 millisecond' WHERE id = $1";
        self.change(sql, &[&id.0, &(after.as_secs_f64() * 1000.0)]).await;
    }

    async fn write_sent(&self, id: MessageId, sent: Option<bool>) -> bool {
        let sql = "UPDATE messages SET sent = $2 WHERE id = $1";
        match self.sql.execute(sql, &[&id.0, &sent]).await {
            Ok(changed) => changed == 1,
            Err(error) => {
                assert!(error.as_db_error().is_some(), "{error}");
                false
            }
        }
    }

    async fn empty(&self) {
        self.sql.batch_execute("TRUNCATE messages RESTART IDENTITY").await.unwrap();
    }

    async fn row(&self, id: MessageId) -> Row {
        let row = self.sql.query_one("SELECT * FROM messages WHERE id = $1", &[&id.0]).await;
        let row = row.unwrap();
        Row {
            status: row.get::<_, &str>("status").parse().unwrap(),
            status_reason: row.get("status_reason"),
            attempt: row.get("attempt"),
            tries_used: row.get("tries_used"),
            unknown_outcomes: row.get("unknown_outcomes"),
            scheduled: row.get::<_, Option<jiff::Timestamp>>("not_before").is_some(),
            provider_message_id: row.get("provider_message_id"),
            encoding: row.get("encoding"),
            segments: row.get::<_, Option<i32>>("segments").map(i64::from),
            phone_e164: row.get("phone_e164"),
            legacy_sent: row.get("sent"),
        }
    }

    async fn attempts(&self, id: MessageId) -> Vec<Attempt> {
        let sql = "SELECT a.* FROM attempts a JOIN messages m ON m.uuid = a.message_uuid \
                   WHERE m.id = $1 ORDER BY a.attempt";
        let rows = self.sql.query(sql, &[&id.0]).await.unwrap();
        rows.iter()
            .map(|row| Attempt {
                attempt: row.get("attempt"),
                started_at: row.get("started_at"),
                outcome: row.get("outcome"),
            })
            .collect()
    }
}

dispatcher_contract::message_store_suite!(new_fixture);
