//! Reads commands from standard input until it ends. See the README.

use anyhow::Context;
use dispatcher_order_notices::{Notices, answer};
use dispatcher_postgres::{Db, PgConfig, migrations};
use dispatcher_redis::{RedisConfig, RedisDeliveryCache};
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let db = Db::connect_lazily(&PgConfig::new(
        &variable("PGHOST", "localhost"),
        variable("PGPORT", "5432").parse().context("PGPORT")?,
        &variable("PGDATABASE", "messages_db"),
        &variable("PGUSER", "postgres"),
        &variable("PGPASSWORD", ""),
    ))?;
    // The tables belong to message-dispatcher-migrate: this only looks whether they are the ones it knows.
    migrations::check(&db).await?;
    let redis = RedisConfig::from_url(&variable("REDIS_URL", "redis://localhost:6379/0"))?;
    let notices = Notices::new(&db, RedisDeliveryCache::new(&redis)?);

    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        match answer(&notices, &line).await {
            Ok(answer) => println!("{answer}"),
            Err(error) => println!("not done: {error:#}"),
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "an example has no settings but these")]
fn variable(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}
