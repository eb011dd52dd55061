//! The SQLite store passes the suite of every message store.

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
use dispatcher_sqlite::{
    SqliteDispatchControl, SqliteDoubtfulMessages, SqliteMessageArchive, SqliteMessageControl,
    SqliteMessageRepo, SqliteQueueStats,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Params};
use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};
use support::TestFile;

struct Sqlite {
    messages: SqliteMessageRepo,
    control: SqliteDispatchControl,
    operators: SqliteMessageControl,
    archive: SqliteMessageArchive,
    doubts: SqliteDoubtfulMessages,
    stats: SqliteQueueStats,
    shell: Mutex<Connection>,
    file: TestFile,
}

async fn new_fixture() -> Sqlite {
    let file = TestFile::migrated().await;
    // To the millisecond, in which other programs insert.
    let micros = file.time.now().as_microsecond() % 1000;
    file.time.advance(SignedDuration::from_micros(-micros));
    let db = file.open();
    Sqlite {
        messages: SqliteMessageRepo::new(db.clone()),
        control: SqliteDispatchControl::new(db.clone()),
        operators: SqliteMessageControl::new(db.clone()),
        archive: SqliteMessageArchive::new(db.clone()),
        doubts: SqliteDoubtfulMessages::new(db.clone()),
        stats: SqliteQueueStats::new(db),
        shell: Mutex::new(file.shell()),
        file,
    }
}

impl Sqlite {
    fn shell(&self) -> MutexGuard<'_, Connection> {
        self.shell.lock().unwrap()
    }

    fn change(&self, sql: &str, params: impl Params) {
        assert_eq!(self.shell().execute(sql, params).unwrap(), 1, "{sql}");
    }
}

#[async_trait]
impl Fixture for Sqlite {
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
        self.file.time.advance(by);
    }

    async fn insert_unchecked(&self, phone_number: &str, content: &str) -> MessageId {
        // By the column's default it would be the system's time.
        let sql = "INSERT INTO messages (phone_number, content, created_at) VALUES (?1, ?2, ?3)";
        self.change(sql, (phone_number, content, self.file.time.now().as_microsecond()));
        MessageId(self.shell().last_insert_rowid())
    }

    async fn rewrite(&self, id: MessageId, phone_number: &str, content: &str) {
        let sql = "UPDATE messages SET phone_number = ?2, content = ?3 WHERE id = ?1";
        self.change(sql, (id.0, phone_number, content));
    }

    async fn set_priority(&self, id: MessageId, priority: i16) {
        self.change("UPDATE messages SET priority = ?2 WHERE id = ?1", (id.0, priority));
    }

    async fn schedule(&self, id: MessageId, after: Duration) {
        let due = (self.file.time.now() + after).as_microsecond();
        self.change("UPDATE messages SET not_before = ?2 WHERE id = ?1", (id.0, due));
    }

    async fn let_expire(&self, id: MessageId, after: SignedDuration) {
        let end = (self.file.time.now() + after).as_microsecond();
        self.change("UPDATE messages SET expires_at = ?2 WHERE id = ?1", (id.0, end));
    }

    async fn write_sent(&self, id: MessageId, sent: Option<bool>) -> bool {
        let sql = "UPDATE messages SET sent = ?2 WHERE id = ?1";
        match self.shell().execute(sql, (id.0, sent)) {
            Ok(changed) => changed == 1,
            Err(error) => {
                let refused = Some(rusqlite::ErrorCode::ConstraintViolation);
                assert_eq!(error.sqlite_error_code(), refused, "{error}");
                false
            }
        }
    }

    async fn empty(&self) {
        self.shell().execute("DELETE FROM messages", ()).unwrap();
    }

    async fn row(&self, id: MessageId) -> Row {
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Row {
                status: row.get::<_, String>("status")?.parse().unwrap(),
                status_reason: row.get("status_reason")?,
                attempt: row.get("attempt")?,
                tries_used: row.get("tries_used")?,
                unknown_outcomes: row.get("unknown_outcomes")?,
                scheduled: row.get::<_, Option<i64>>("not_before")?.is_some(),
                provider_message_id: row.get("provider_message_id")?,
                encoding: row.get("encoding")?,
                segments: row.get("segments")?,
                phone_e164: row.get("phone_e164")?,
                legacy_sent: row.get("sent")?,
            })
        };
        self.shell().query_row("SELECT * FROM messages WHERE id = ?1", [id.0], read).unwrap()
    }

    async fn attempts(&self, id: MessageId) -> Vec<Attempt> {
        let sql = "SELECT a.* FROM attempts a JOIN messages m ON m.uuid = a.message_uuid \
                   WHERE m.id = ?1 ORDER BY a.attempt";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Attempt {
                attempt: row.get("attempt")?,
                started_at: Timestamp::from_microsecond(row.get("started_at")?).unwrap(),
                outcome: row.get("outcome")?,
            })
        };
        let shell = self.shell();
        let mut statement = shell.prepare(sql).unwrap();
        statement.query_map([id.0], read).unwrap().collect::<Result<_, _>>().unwrap()
    }
}

dispatcher_contract::message_store_suite!(new_fixture);
