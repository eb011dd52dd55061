//! Each test gets a database of its own, from scratch or from a template.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dispatcher_testkit::postgres::{PostgresParts, template_name};
use dispatcher_testkit::{TestDatabase, TestPostgres, wait_until};
use tokio_postgres::NoTls;

const LIMIT: Duration = Duration::from_secs(60);

/// Runs SQL and closes the connection, as migrations do.
async fn run(parts: PostgresParts, sql: &str) -> anyhow::Result<()> {
    let (client, connection) = tokio_postgres::connect(&parts.url(), NoTls).await?;
    let driver = tokio::spawn(connection);
    client.batch_execute(sql).await?;
    drop(client);
    Ok(driver.await??)
}

async fn exists(dbname: &str) -> bool {
    let admin = TestPostgres::shared().await.unwrap().parts();
    let (client, connection) = tokio_postgres::connect(&admin.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let found = client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&dbname]).await;
    found.unwrap().is_some()
}

async fn tables(database: &TestDatabase) -> i64 {
    let sql = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";
    database.client().await.unwrap().query_one(sql, &[]).await.unwrap().get(0)
}

/// Templates stay on a server of one's own: each run of these tests must see new ones.
fn fresh_name() -> String {
    format!("kit_{}", uuid::Uuid::new_v4().simple())
}

#[tokio::test]
async fn two_databases_do_not_see_each_other() {
    let (one, two) = (TestDatabase::create().await.unwrap(), TestDatabase::create().await.unwrap());

    run(one.parts().clone(), "CREATE TABLE parcels (id bigint)").await.unwrap();

    assert_eq!((tables(&one).await, tables(&two).await), (1, 0));
}

#[tokio::test]
async fn the_url_and_its_parts_lead_to_the_same_database() {
    let database = TestDatabase::create().await.unwrap();
    let (client, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);

    let name: String =
        client.query_one("SELECT current_database()::text", &[]).await.unwrap().get(0);

    assert_eq!(name, database.parts().dbname);
    assert_eq!(PostgresParts::parse(&database.url()).unwrap(), *database.parts());
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let database = TestDatabase::create().await.unwrap();
    let wrong = PostgresParts { password: "wrong".into(), ..database.parts().clone() };

    assert!(tokio_postgres::connect(&wrong.url(), NoTls).await.is_err());
}

#[tokio::test]
async fn a_dropped_database_is_gone_even_while_somebody_is_connected() {
    let database = TestDatabase::create().await.unwrap();
    let _still_connected = database.client().await.unwrap();
    let name = database.parts().dbname.clone();
    assert!(exists(&name).await);

    drop(database);

    wait_until("the database is gone", LIMIT, async || !exists(&name).await).await;
}

#[tokio::test]
async fn a_template_is_set_up_once_and_copied_for_everybody() {
    let name = &template_name("kit", [fresh_name()]);
    let setups = &AtomicUsize::new(0);
    let create = || async move {
        TestDatabase::from_template(name, |parts| async move {
            setups.fetch_add(1, Ordering::SeqCst);
            run(parts, "CREATE TABLE parcels (id bigint)").await
        })
        .await
        .unwrap()
    };

    let (one, two, three) = tokio::join!(create(), create(), create());
    run(one.parts().clone(), "DROP TABLE parcels").await.unwrap();

    assert_eq!((tables(&one).await, tables(&two).await, tables(&three).await), (0, 1, 1));
    assert_eq!(setups.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn another_name_is_another_template() {
    let set_up = |sql| move |parts| run(parts, sql);
    let (first, second) = (fresh_name(), fresh_name());

    let one = TestDatabase::from_template(&first, set_up("CREATE TABLE a ()")).await.unwrap();
    let two = set_up("CREATE TABLE a (); CREATE TABLE b ()");
    let two = TestDatabase::from_template(&second, two).await.unwrap();

    assert_eq!((tables(&one).await, tables(&two).await), (1, 2));
}

#[tokio::test]
async fn a_template_whose_setup_failed_is_never_given_out() {
    let name = fresh_name();

    let failed =
        TestDatabase::from_template(&name, |parts| run(parts, "CREATE TABLE a (); nonsense"));
    let failed = format!("{:#}", failed.await.unwrap_err());
    let second = TestDatabase::from_template(&name, |parts| run(parts, "CREATE TABLE b ()"));

    assert!(failed.contains("set-up of the template"), "{failed}");
    assert_eq!(tables(&second.await.unwrap()).await, 1);
}
