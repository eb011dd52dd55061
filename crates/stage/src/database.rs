//! Databases with our tables.

use crate::LIMIT;
use anyhow::Context;
use dispatcher_postgres::{PgConfig, migrations};
use dispatcher_testkit::{
    TestDatabase,
    postgres::{PostgresParts, template_name},
};

/// A migrated database of its own.
pub async fn migrated() -> TestDatabase {
    let name = template_name("server", migrations::scripts());
    TestDatabase::from_template(&name, migrate).await.expect("a test database")
}

pub async fn migrate(parts: PostgresParts) -> anyhow::Result<()> {
    let config =
        PgConfig::new(&parts.host, parts.port, &parts.dbname, &parts.user, &parts.password);
    migrations::migrate(&config, LIMIT).await.context("the migrations")?;
    Ok(())
}
