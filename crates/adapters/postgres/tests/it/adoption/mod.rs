//! A Go service's database becomes ours.

mod extras;
mod hold;
mod locks;
mod plans;
mod refusals;
mod rows;
mod schema;
mod sequences;
mod times;

use crate::{steps::LIMIT, support};
use dispatcher_postgres::migrations::{Adoption, MigrateError, MigrateOptions, migrate_with};
use dispatcher_testkit::TestDatabase;
use dispatcher_testkit::go_service::GoService;
use tokio_postgres::Client;

/// A database with the table of the Go service and its ten samples.
async fn go_database() -> (TestDatabase, GoService) {
    let database = TestDatabase::create().await.unwrap();
    let go = GoService::on(&database).await;
    go.migrate().await;
    (database, go)
}

/// A database with a table that `ddl` makes.
async fn database_with(ddl: &str) -> (TestDatabase, Client) {
    let database = TestDatabase::create().await.unwrap();
    let sql = database.client().await.unwrap();
    sql.batch_execute(ddl).await.unwrap();
    (database, sql)
}

async fn adopt(database: &TestDatabase) -> Result<Option<Adoption>, MigrateError> {
    adopt_in("UTC", database).await
}

async fn adopt_in(zone: &str, database: &TestDatabase) -> Result<Option<Adoption>, MigrateError> {
    let options = MigrateOptions { legacy_timezone: zone.to_owned(), ..MigrateOptions::new(LIMIT) };
    Ok(migrate_with(&support::config(database.parts()), &options).await?.adopted)
}

/// What each refusal says, one line for each thing in the way.
async fn refusal(database: &TestDatabase) -> Vec<String> {
    refusal_in("UTC", database).await
}

async fn refusal_in(zone: &str, database: &TestDatabase) -> Vec<String> {
    match adopt_in(zone, database).await {
        Err(MigrateError::Refused { problems }) => {
            problems.iter().map(ToString::to_string).collect()
        }
        other => panic!("must be refused: {other:?}"),
    }
}

/// Every object of the schema that migrations make or change, with all that can
/// be said of it; less the history of migrations.
async fn shape(sql: &Client) -> Vec<String> {
    let rows = sql.query(include_str!("shape.sql"), &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}
