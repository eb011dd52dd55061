//! A small service of somebody else: it puts an SMS into the queue of Message
//! Dispatcher and lists the first that were sent.
//!
//! ```sh
//! PGHOST=localhost PGDATABASE=messages_db PGUSER=postgres PGPASSWORD=password \
//!     cargo run --package dispatcher-postgres --example enqueue_and_list -- +905551234567 "Hello"
//! ```
//!
//! A Message Dispatcher that runs on the same database sends it; run this again
//! to see it in the list.

use anyhow::Context;
use dispatcher_domain::{
    MessageBody, MessageLimits, NewMessage, PhoneNumber, Terms,
    ports::{Enqueued, MessageArchive, MessageRepo},
};
use dispatcher_postgres::{Db, PgConfig, PgMessageArchive, PgMessageRepo, migrations};
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let phone_number = args.next().context("first argument: a phone number")?;
    let text = args.next().context("second argument: the text")?;

    let config = config()?;
    // A service would leave this to message-dispatcher-migrate, and only look:
    // `migrations::check`.
    migrations::migrate(&config, Duration::from_secs(30)).await?;

    let db = Db::connect_lazily(&config)?;
    let enqueued = enqueue(&db, &phone_number, &text).await?;
    println!("enqueued as {}", enqueued.id);
    for line in list(&db).await? {
        println!("{line}");
    }
    Ok(())
}

/// Checks what it was given before it bothers the database.
pub(crate) async fn enqueue(db: &Db, phone_number: &str, text: &str) -> anyhow::Result<Enqueued> {
    let message = NewMessage {
        phone_number: PhoneNumber::parse(phone_number).context("phone number")?,
        body: MessageBody::parse(text, &MessageLimits::default()).context("text")?,
    };
    // `Ok` means that it is on the disk. `StoreError::Unconfirmed` means that
    // nobody knows: to enqueue again may then send it twice.
    Ok(PgMessageRepo::new(db.clone()).enqueue(&message, &Terms::default()).await?)
}

/// The ten oldest of the sent messages; the last of them is where the next page starts.
pub(crate) async fn list(db: &Db) -> anyhow::Result<Vec<String>> {
    let archive = PgMessageArchive::new(db.clone());
    let mut lines = vec![format!("{} were sent so far", archive.count_sent().await?)];
    for message in archive.sent_after(None, 10).await? {
        let provider_id = message.provider_message_id.as_deref().unwrap_or("without an id");
        lines.push(format!("{} of {}: {provider_id}", message.id, message.created_at));
    }
    Ok(lines)
}

/// The variables that `psql` knows, with its defaults.
fn config() -> anyhow::Result<PgConfig> {
    let port = variable("PGPORT", "5432").parse().context("PGPORT")?;
    Ok(PgConfig::new(
        &variable("PGHOST", "localhost"),
        port,
        &variable("PGDATABASE", "messages_db"),
        &variable("PGUSER", "postgres"),
        &variable("PGPASSWORD", ""),
    ))
}

#[allow(clippy::disallowed_methods, reason = "an example has no settings but these")]
fn variable(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}
