//! A migrated database, in manual time if wanted.
#![allow(dead_code)] // Each test binary uses its part.

use anyhow::Context;
use dispatcher_postgres::{Db, PgConfig, migrations};
use dispatcher_testkit::{TestDatabase, postgres::PostgresParts, postgres::template_name};
use std::time::Duration;

/// How to reach a test database.
pub(crate) fn config(parts: &PostgresParts) -> PgConfig {
    PgConfig::new(&parts.host, parts.port, &parts.dbname, &parts.user, &parts.password)
}

/// A migrated database of its own.
pub(crate) async fn migrated() -> TestDatabase {
    let name = template_name("migrated", sources());
    TestDatabase::from_template(&name, migrate).await.expect("a test database")
}

/// A migrated database whose `dispatch_now()` stands still.
pub(crate) async fn in_manual_time() -> TestDatabase {
    let name = template_name("manual_time", sources().chain([MANUAL_TIME]));
    let set_up = async |parts: PostgresParts| {
        migrate(parts.clone()).await?;
        let (client, connection) = config_of(&parts).connect(tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        client.batch_execute(MANUAL_TIME).await?;
        drop(client);
        connection.await?.context("the connection ended badly")
    };
    TestDatabase::from_template(&name, set_up).await.expect("a test database")
}

/// A pool over the test database.
pub(crate) fn pool(database: &TestDatabase) -> Db {
    Db::connect_lazily(&config(database.parts())).expect("a pool")
}

const MANUAL_TIME: &str = "\
    CREATE TABLE test_clock AS SELECT timestamptz '2026-01-01 00:00:00Z' AS now; \
    CREATE OR REPLACE FUNCTION dispatch_now() RETURNS timestamptz \
        LANGUAGE sql VOLATILE AS 'SELECT now FROM test_clock'";

async fn migrate(parts: PostgresParts) -> anyhow::Result<()> {
    migrations::migrate(&config(&parts), Duration::from_secs(60)).await?;
    Ok(())
}

fn config_of(parts: &PostgresParts) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    config
        .host(&parts.host)
        .port(parts.port)
        .dbname(&parts.dbname)
        .user(&parts.user)
        .password(&parts.password);
    config
}

/// What the template is made of: another text, another template.
fn sources() -> impl Iterator<Item = &'static str> {
    [
        include_str!("../../../../../migrations/postgres/V1__messages.sql"),
        include_str!("../../../../../migrations/postgres/V2__attempts.sql"),
        include_str!("../../../../../migrations/postgres/V3__dispatch_control.sql"),
        include_str!("../../../../../migrations/postgres/V4__foreign_writers.sql"),
        include_str!("../../../../../migrations/postgres/V5__doubt.sql"),
    ]
    .into_iter()
}
