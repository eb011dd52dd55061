//! It says what is wrong, ends with a code that scripts can use, and tells no secret.

use crate::helpers::{Program, run};
use dispatcher_testkit::{TestDatabase, postgres::PostgresParts};

const USAGE: i32 = 64;
const UNAVAILABLE: i32 = 69;

#[tokio::test]
async fn a_wrong_password_is_unavailable_and_is_not_repeated() {
    let database = TestDatabase::create().await.unwrap();
    let wrong = PostgresParts { password: "not-the-s3cret".into(), ..database.parts().clone() };
    // It does not wait for a password to become right; the log at its loudest keeps quiet too.
    for level in ["info", "debug"] {
        let ended = Program::on(&[], &wrong).env("LOG_LEVEL", level).run();
        ended.assert_code(UNAVAILABLE);
        assert!(ended.stderr.contains("password authentication failed"), "{}", ended.stderr);
        assert!(!ended.text().contains("s3cret"), "{}", ended.text());
    }
}

#[test]
fn an_unreachable_database_is_unavailable_with_its_address_and_the_cause() {
    // One that no program is given by chance.
    let port = 1;
    let nobody = PostgresParts {
        host: "127.0.0.1".into(),
        port,
        user: "me".into(),
        password: "s3cret".into(),
        dbname: "queue".into(),
    };
    for command in ["up", "status"] {
        let ended = run(&[command, "--wait", "0s"], &nobody);
        ended.assert_code(UNAVAILABLE);
        let address = format!("database queue at 127.0.0.1:{port}, user me");
        assert!(ended.stderr.contains(&address), "{}", ended.stderr);
        assert!(ended.stderr.to_lowercase().contains("refused"), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn all_wrong_settings_are_listed_at_once_and_secrets_are_not_shown() {
    let ended = Program::new(&[])
        .env("DB_PORT", "none")
        .env("DB_SSLMODE", "prefer")
        .env("DB_TIMEOUT", "5")
        .env("DATABASE_URL", "mysql://me:s3cret@db/queue")
        .run();
    ended.assert_code(USAGE);
    for name in ["DB_PORT", "DB_SSLMODE", "DB_TIMEOUT", "DATABASE_URL"] {
        assert!(ended.stderr.contains(name), "{name}: {}", ended.stderr);
    }
    assert!(!ended.text().contains("s3cret"), "{}", ended.text());
    assert_eq!(ended.stdout, "");
}

/// Whoever migrates need not know the provider.
#[tokio::test]
async fn a_wrong_setting_of_the_server_alone_is_no_obstacle() {
    let database = TestDatabase::create().await.unwrap();
    let ended =
        Program::on(&[], database.parts()).env("SMS_API_URL", "soon").env("LEASE", "60").run();
    ended.assert_code(0);
    assert!(!ended.text().contains("SMS_API_URL"), "{}", ended.text());
}

#[test]
fn a_certificate_file_without_certificates_is_a_wrong_setting() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let ended = Program::new(&["--wait", "0s"])
        .env("DB_SSLMODE", "verify-full")
        .env("DB_SSLROOTCERT", file.path().to_str().unwrap())
        .run();
    ended.assert_code(USAGE);
    assert!(ended.stderr.contains("there is no CA certificate in"), "{}", ended.stderr);
}

#[tokio::test]
async fn the_table_of_somebody_else_is_refused_and_left_alone() {
    let database = TestDatabase::create().await.unwrap();
    let sql = database.client().await.unwrap();
    sql.batch_execute("CREATE TABLE messages AS SELECT 7 AS theirs").await.unwrap();
    let ended = run(&[], database.parts());
    ended.assert_code(1);
    assert!(
        ended.stderr.contains("the table messages has no column phone_number"),
        "{}",
        ended.stderr
    );
    assert_eq!(ended.stdout, "");
    let row = sql.query_one("SELECT * FROM messages", &[]).await.unwrap();
    assert_eq!((row.len(), row.get::<_, i32>("theirs")), (1, 7));
}

#[tokio::test]
async fn a_first_run_that_fails_says_why_and_leaves_nothing() {
    let database = TestDatabase::create().await.unwrap();
    let sql = database.client().await.unwrap();
    let no_triggers = "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS \
                           $$BEGIN RAISE EXCEPTION 'not today'; END$$; \
                       CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('CREATE TRIGGER') \
                           EXECUTE FUNCTION no()";
    sql.batch_execute(no_triggers).await.unwrap();
    let ended = run(&[], database.parts());
    ended.assert_code(1);
    assert_eq!(ended.stdout, "");
    for part in [
        "the migration failed, and the database is as it was",
        "V4__foreign_writers, line 19: not today (SQLSTATE P0001)",
        "\n  statement: CREATE TRIGGER messages_foreign_insert BEFORE INSERT ON messages …",
    ] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
    let tables = "SELECT to_regclass('messages') IS NULL AND to_regclass('attempts') IS NULL";
    assert!(sql.query_one(tables, &[]).await.unwrap().get::<_, bool>(0));
}

#[tokio::test]
async fn the_tables_of_a_newer_version_are_left_alone() {
    let database = TestDatabase::create().await.unwrap();
    run(&[], database.parts()).assert_code(0);
    let sql = database.client().await.unwrap();
    let newer = "INSERT INTO dispatcher_schema_history \
                 VALUES (99, 'from_tomorrow', '2026-01-01T00:00:00Z', '1')";
    sql.batch_execute(newer).await.unwrap();
    for command in ["up", "status", "plan", "verify"] {
        let ended = run(&[command], database.parts());
        ended.assert_code(1);
        assert!(
            ended.stderr.contains("the database has schema 99, newer than"),
            "{}",
            ended.stderr
        );
    }
    let ended = run(&["status"], database.parts());
    assert!(ended.stdout.contains("unknown  V99__from_tomorrow\n"), "{}", ended.stdout);
}
