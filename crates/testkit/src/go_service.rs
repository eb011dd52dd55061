//! A stand-in for the Go service: its very statements, and what its driver does
//! with their results.

use crate::TestDatabase;
use anyhow::{Context, ensure};
use jiff::{Timestamp, civil::DateTime};
use tokio_postgres::{Client, Row};

/// Its migration; it has no versions and adds ten samples each time.
pub const MIGRATION: &str = include_str!("go_migration.sql");

const CLAIM: &str = "\
    SELECT id, phone_number, content, sent, created_at FROM messages \
    WHERE sent = FALSE AND phone_number IS NOT NULL AND phone_number != '' \
      AND content IS NOT NULL AND content != '' \
      AND LENGTH(phone_number) BETWEEN 10 AND 20 AND LENGTH(content) <= 160 \
    ORDER BY created_at ASC, id ASC LIMIT 2 FOR UPDATE SKIP LOCKED";
const MARK: &str = "UPDATE messages SET sent = TRUE WHERE id = $1 AND sent = FALSE";
const LIST: &str = "SELECT id, phone_number, content, sent, created_at FROM messages \
                    WHERE sent = TRUE ORDER BY created_at ASC";

/// A row as it scans it: a NULL in any of the five columns is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoMessage {
    /// Row id.
    pub id: i64,
    /// Recipient.
    pub phone_number: String,
    /// Body.
    pub content: String,
    /// Whether it counts as sent.
    pub sent: bool,
    /// The instant that it prints: naive digits count as UTC.
    pub created_at: Timestamp,
}

/// The service, with its one connection.
pub struct GoService {
    /// For a test's own statements.
    pub sql: Client,
    /// Ids that its provider said yes to.
    pub sent: Vec<i64>,
}

impl GoService {
    /// On this database.
    ///
    /// # Panics
    /// When the database does not answer, as all of these.
    pub async fn on(database: &TestDatabase) -> Self {
        Self { sql: database.client().await.expect("a client"), sent: vec![] }
    }

    /// Runs its migration once more.
    ///
    /// # Panics
    /// When a statement fails.
    pub async fn migrate(&self) {
        self.sql.batch_execute(MIGRATION).await.expect("its migration runs");
    }

    /// In autocommit, so that the locks are gone with the answer.
    ///
    /// # Errors
    /// A statement, or a NULL that breaks its scan.
    pub async fn claim(&self) -> anyhow::Result<Vec<GoMessage>> {
        self.sql.query(CLAIM, &[]).await?.iter().map(scan).collect()
    }

    /// After the provider's yes; no row is an error to it.
    ///
    /// # Errors
    /// A statement, or a message that was not found.
    pub async fn mark(&self, id: i64) -> anyhow::Result<()> {
        // The driver asks for the type of the parameter, as Go's does.
        let mark = self.sql.prepare(MARK).await?;
        let marked = match i32::try_from(id) {
            Ok(small) if mark.params()[0] == tokio_postgres::types::Type::INT4 => {
                self.sql.execute(&mark, &[&small]).await?
            }
            _ => self.sql.execute(&mark, &[&id]).await?,
        };
        ensure!(marked == 1, "message {id} was not found or is sent already");
        Ok(())
    }

    /// Claims, sends and marks up to two; answers how many.
    ///
    /// # Panics
    /// When any of that fails.
    pub async fn run_batch(&mut self) -> usize {
        let claimed = self.claim().await.expect("a claim");
        for message in &claimed {
            self.sent.push(message.id);
            self.mark(message.id).await.expect("a mark");
        }
        claimed.len()
    }

    /// Its list of sent messages.
    ///
    /// # Errors
    /// A statement, or a NULL that breaks its scan.
    pub async fn list(&self) -> anyhow::Result<Vec<GoMessage>> {
        self.sql.query(LIST, &[]).await?.iter().map(scan).collect()
    }
}

fn scan(row: &Row) -> anyhow::Result<GoMessage> {
    let id = row.try_get::<_, i64>("id").or_else(|_| row.try_get::<_, i32>("id").map(i64::from));
    let naive = |_| row.try_get::<_, DateTime>("created_at").map(utc);
    Ok(GoMessage {
        id: id.context("id")?,
        phone_number: row.try_get("phone_number").context("phone_number")?,
        content: row.try_get("content").context("content")?,
        sent: row.try_get("sent").context("sent")?,
        created_at: row.try_get("created_at").or_else(naive).context("created_at")?,
    })
}

fn utc(naive: DateTime) -> Timestamp {
    naive.to_zoned(jiff::tz::TimeZone::UTC).expect("UTC has no gaps").timestamp()
}
