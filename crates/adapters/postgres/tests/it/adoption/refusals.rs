//! What stands in the way is named before anything is changed, all of it together.

use super::{adopt, database_with, go_database, refusal, shape};
use crate::support;
use dispatcher_postgres::migrations::{MigrateError, migrate};
use dispatcher_testkit::TestDatabase;
use dispatcher_testkit::go_service;
use std::time::Duration;

/// The Go service's database and more; its refusal, which changed nothing.
async fn refused_with(ddl: &str) -> Vec<String> {
    let (database, go) = go_database().await;
    go.sql.batch_execute(ddl).await.unwrap();
    let before = shape(&go.sql).await;
    let problems = refusal(&database).await;
    assert_eq!(shape(&go.sql).await, before, "nothing was changed");
    go.claim().await.expect("the Go service works on");
    problems
}

async fn assert_refused(cases: &[(&str, &str)]) {
    for (ddl, expected) in cases {
        let problems = refused_with(ddl).await;
        assert!(problems.len() == 1 && problems[0].starts_with(expected), "{ddl}: {problems:#?}");
    }
}

#[tokio::test]
async fn what_uses_the_columns_that_change_is_named() {
    assert_refused(&[
        (
            "CREATE VIEW recent AS SELECT id, created_at FROM messages",
            "the view recent uses created_at, id, whose type must change: drop it",
        ),
        (
            "CREATE MATERIALIZED VIEW days AS SELECT created_at::date FROM messages",
            "the materialized view days uses created_at, whose",
        ),
        (
            "CREATE TABLE log (id int); \
             CREATE RULE logged AS ON INSERT TO messages DO ALSO INSERT INTO log VALUES (NEW.id)",
            "the rule logged on table messages uses id, whose",
        ),
        (
            "ALTER TABLE messages ADD COLUMN size int GENERATED ALWAYS AS (length(content)) STORED",
            "the generated column size uses content, whose",
        ),
        (
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; \
             CREATE TRIGGER t BEFORE UPDATE OF created_at ON messages FOR EACH ROW EXECUTE FUNCTION f()",
            "the trigger t on table messages uses created_at, whose",
        ),
        (
            "CREATE POLICY p ON messages USING (created_at < now())",
            "the policy p on table messages uses created_at, whose",
        ),
        (
            "CREATE FUNCTION newest() RETURNS int BEGIN ATOMIC SELECT max(id) FROM messages; END",
            "the function newest() uses id, whose",
        ),
        (
            "CREATE TABLE archive (message messages)",
            "the column archive.message is of the row type of messages: drop it",
        ),
        (
            "ALTER TABLE messages ADD CONSTRAINT known CHECK (sent IS NOT NULL)",
            "the constraint known judges the column sent: drop it",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_name_that_is_taken_is_named() {
    assert_refused(&[
        ("CREATE TABLE attempts ()", "the table attempts has a name that this program needs"),
        ("CREATE VIEW dispatch_control AS SELECT 1", "the view dispatch_control has a name"),
        ("CREATE INDEX messages_due ON messages (id)", "the index messages_due has a name"),
        (
            "CREATE FUNCTION dispatch_now() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "the function dispatch_now() has a name",
        ),
        (
            "ALTER TABLE messages ADD COLUMN status int",
            "the table messages has a column status, a name that this program needs: rename",
        ),
        (
            "DROP INDEX idx_messages_sent; CREATE TABLE other (a int); \
             CREATE INDEX idx_messages_sent ON other (a)",
            "the index idx_messages_sent has a name",
        ),
    ])
    .await;
}

#[tokio::test]
async fn rows_that_cannot_be_kept_are_counted() {
    assert_refused(&[
        (
            "ALTER TABLE messages ALTER phone_number DROP NOT NULL; \
             UPDATE messages SET phone_number = NULL WHERE id < 3",
            "2 rows of messages have no phone_number: mend or delete those WHERE phone_number IS NULL",
        ),
        (
            "ALTER TABLE messages ALTER phone_number TYPE text; \
             UPDATE messages SET phone_number = repeat('1', 21) WHERE id = 3",
            "1 rows of messages have a phone_number of more than 20 characters",
        ),
    ])
    .await;
}

#[tokio::test]
async fn tables_of_a_kind_that_cannot_be_taken_over_are_named() {
    assert_refused(&[
        ("ALTER TABLE messages SET UNLOGGED", "the table messages is temporary or unlogged"),
        ("CREATE TABLE child () INHERITS (messages)", "the table messages has a parent, children"),
        (
            "ALTER TABLE messages DROP CONSTRAINT messages_pkey",
            "the column id is not the primary key of messages: ALTER TABLE messages ADD PRIMARY",
        ),
    ])
    .await;
    let (database, _sql) = database_with("CREATE VIEW messages AS SELECT 1 AS id").await;
    assert!(refusal(&database).await[0].starts_with("messages is a view: use another database"));
    let (database, _sql) = database_with(
        "CREATE TABLE messages (id int, phone_number text, content text, sent boolean, \
         created_at timestamp) PARTITION BY RANGE (id)",
    )
    .await;
    assert!(refusal(&database).await[0].starts_with("messages is a partitioned table"));
}

#[tokio::test]
async fn another_table_of_that_name_is_told_by_its_columns() {
    let (database, _) =
        database_with("CREATE TABLE messages (id uuid, sent text, created_at date)").await;
    let said = [
        "the column id is of type uuid: the predecessor's has id integer or bigint: is this another table?",
        "the table messages has no column phone_number: the predecessor's has phone_number character varying or text",
        "the table messages has no column content",
        "the column sent is of type text",
        "the column created_at is of type date",
    ];
    let problems = refusal(&database).await;
    assert_eq!(problems.len(), said.len(), "{problems:#?}");
    for (problem, said) in problems.iter().zip(said) {
        assert!(problem.starts_with(said), "{problem}");
    }
}

#[tokio::test]
async fn all_of_it_is_said_at_once() {
    let problems = refused_with(
        "CREATE VIEW recent AS SELECT created_at FROM messages; CREATE TABLE attempts (); \
         ALTER TABLE messages ADD COLUMN uuid text; \
         UPDATE messages SET created_at = 'infinity' WHERE id = 1",
    )
    .await;
    assert_eq!(problems.len(), 4, "{problems:#?}");
    let error = MigrateError::Refused { problems: vec![] };
    assert_eq!(error.to_string(), "the database cannot be used as it is; nothing was changed");
}

#[tokio::test]
async fn a_user_who_may_not_is_told_what_is_missing() {
    let (database, go) = go_database().await;
    let user = format!("guest_{}", database.parts().dbname);
    go.sql
        .batch_execute(&format!(
            "CREATE ROLE {user} LOGIN PASSWORD 'x'; REVOKE CREATE ON SCHEMA public FROM PUBLIC"
        ))
        .await
        .unwrap();
    let mut config = support::config(database.parts());
    (config.user, config.password) = (user.clone(), "x".to_owned());
    let error = migrate(&config, Duration::ZERO).await.unwrap_err();
    go.sql.batch_execute(&format!("DROP OWNED BY {user}; DROP ROLE {user}")).await.unwrap();
    let MigrateError::Refused { problems } = &error else { panic!("{error:?}") };
    let said = [
        format!("user {user} may not create tables in schema public: GRANT CREATE ON SCHEMA"),
        format!("the table messages belongs to {}: migrate as", database.parts().user),
        "the sequence messages_id_seq of the column id belongs to somebody else".to_owned(),
    ];
    assert_eq!(problems.len(), said.len(), "{error}");
    for (problem, said) in problems.iter().zip(said) {
        assert!(problem.to_string().starts_with(&said), "{problem}");
    }
}

#[tokio::test]
async fn an_encoding_other_than_utf8_is_refused_with_and_without_a_table() {
    let admin = TestDatabase::create().await.unwrap();
    let sql = admin.client().await.unwrap();
    let name = format!("{}_latin", admin.parts().dbname);
    let create = format!("CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    sql.batch_execute(&create).await.unwrap();
    let mut config = support::config(admin.parts());
    config.name = name.clone();
    let error = migrate(&config, Duration::ZERO).await.unwrap_err();
    sql.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    let said = "\n  - the database is encoded in LATIN1: dump it and restore it";
    assert!(error.to_string().contains(said), "{error}");
}

#[tokio::test]
async fn a_table_in_another_schema_than_new_tables_is_refused() {
    let (database, sql) =
        database_with(&format!("CREATE SCHEMA first; {}", go_service::MIGRATION)).await;
    let name = &database.parts().dbname;
    let path = format!("ALTER DATABASE {name} SET search_path = first, public");
    sql.batch_execute(&path).await.unwrap();
    let said = "the table messages is in schema public, and new tables would go to first: set the";
    let problems = refusal(&database).await;
    assert!(problems.len() == 1 && problems[0].starts_with(said), "{problems:#?}");
    sql.batch_execute(&format!("ALTER DATABASE {name} RESET search_path")).await.unwrap();
    adopt(&database).await.unwrap().expect("now it can be");
}
