//! A migrated database, in manual time if wanted.
#![allow(dead_code)] // Each test binary uses its part.

use anyhow::Context;
use dispatcher_postgres::{Db, PgConfig, migrations};
use dispatcher_testkit::{TestDatabase, postgres::PostgresParts, postgres::template_name};
use std::time::Duration;

/// How to reach a test database. With patience: where many wait for one row, a
/// machine that stalls for some seconds makes them wait longer than usual.
pub(crate) fn config(parts: &PostgresParts) -> PgConfig {
    let config =
        PgConfig::new(&parts.host, parts.port, &parts.dbname, &parts.user, &parts.password);
    PgConfig { timeout: Duration::from_secs(60), ..config }
}

/// A migrated database of its own.
pub(crate) async fn migrated() -> TestDatabase {
    let name = template_name("migrated", migrations::scripts());
    TestDatabase::from_template(&name, migrate).await.expect("a test database")
}

/// A migrated database whose `dispatch_now()` stands still.
pub(crate) async fn in_manual_time() -> TestDatabase {
    let name = template_name(
        "manual_time",
        migrations::scripts().into_iter().chain([MANUAL_TIME.to_owned()]),
    );
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
