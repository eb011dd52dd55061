//! One object on standard output, whatever the command and however it ends.

use crate::helpers::{Program, run};
use dispatcher_postgres::migrations::newest;
use dispatcher_testkit::{TestDatabase, go_service, postgres::PostgresParts};
use serde_json::{Value, json};
use std::net::TcpListener;

async fn database() -> TestDatabase {
    TestDatabase::create().await.unwrap()
}

fn keys(object: &Value) -> Vec<&String> {
    object.as_object().unwrap().keys().collect()
}

/// The manual lists them all.
#[tokio::test]
async fn each_command_has_its_fields_and_they_are_described() {
    let database = database().await;
    let status = ["schema", "migrations", "pending", "exists", "first_run"];
    let plan = [&status[..], &["sql"]].concat();
    let manual = include_str!("../../../../docs/migrations.md");
    for (command, own) in [
        ("status", &status[..]),
        ("plan", &plan),
        ("verify", &status),
        ("up", &["applied", "version", "adopted"]),
    ] {
        let object = run(&[command, "--json"], database.parts()).json();
        let mut expected = [&["command", "exit_code", "database", "error"], own].concat();
        expected.sort_unstable();
        assert_eq!(keys(&object), expected, "{command}");
        assert_eq!(object["command"], command);
        for key in keys(&object) {
            assert!(manual.contains(&format!("| `{key}` |")), "docs/migrations.md lacks {key}");
        }
    }
}

#[tokio::test]
async fn the_takeover_of_a_go_database_is_told_in_numbers() {
    let database = database().await;
    let sql = database.client().await.unwrap();
    sql.batch_execute(go_service::MIGRATION).await.unwrap();
    let status = run(&["status", "--json"], database.parts()).json();
    assert_eq!(status["first_run"]["table"]["rows"], 10);
    assert_eq!(status["schema"], json!({ "found": 0, "needed": newest() }));
    assert_eq!((&status["pending"], &status["error"]), (&json!(newest()), &Value::Null));
    let first = json!({ "version": 1, "name": "V1__predecessor", "state": "pending" });
    assert_eq!(status["migrations"][0], first);
    let plan = run(&["plan", "--json"], database.parts()).json();
    assert!(plan["sql"].as_str().unwrap().contains("It takes over the table messages"));
    let up = run(&["--json"], database.parts()).json();
    assert_eq!((&up["adopted"]["rows"], &up["adopted"]["queued"]), (&json!(10), &json!(10)));
    let applied = usize::try_from(newest()).unwrap();
    assert_eq!(
        (&up["version"], up["applied"].as_array().unwrap().len()),
        (&json!(newest()), applied)
    );
    assert_eq!(up["database"]["kind"], "postgres");
    let again = run(&["--json"], database.parts()).json();
    assert_eq!((&again["applied"], &again["adopted"]), (&json!([]), &Value::Null));
    assert_eq!(run(&["plan", "--json"], database.parts()).json()["sql"], Value::Null);
}

#[tokio::test]
async fn what_is_in_the_way_is_a_list() {
    let database = database().await;
    let sql = database.client().await.unwrap();
    sql.batch_execute(go_service::MIGRATION).await.unwrap();
    let in_the_way = "CREATE VIEW recent AS SELECT created_at FROM messages; \
                      CREATE TABLE attempts (theirs integer)";
    sql.batch_execute(in_the_way).await.unwrap();
    for command in ["up", "status", "plan"] {
        let ended = run(&[command, "--json"], database.parts());
        ended.assert_code(1);
        let error = &ended.json()["error"];
        assert_eq!(error["kind"], "in_the_way", "{command}");
        assert_eq!(error["in_the_way"].as_array().unwrap().len(), 2, "{command}: {error}");
    }
}

#[test]
fn nobody_there_and_wrong_settings_are_objects_too() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = PostgresParts {
        host: "127.0.0.1".into(),
        port,
        user: "me".into(),
        password: "s3cret".into(),
        dbname: "queue".into(),
    };
    for command in ["up", "status", "plan", "verify"] {
        let ended = run(&[command, "--json", "--wait=0s"], &nobody);
        ended.assert_code(69);
        let object = ended.json();
        assert_eq!(object["error"]["kind"], "unavailable");
        assert_eq!(
            (&object["database"]["port"], &object["command"]),
            (&json!(port), &json!(command))
        );
    }
    let ended = Program::new(&["--json"]).env("DB_PORT", "none").env("DB_TIMEOUT", "5").run();
    ended.assert_code(64);
    let error = &ended.json()["error"];
    assert_eq!(
        (&error["kind"], error["in_the_way"].as_array().unwrap().len()),
        (&json!("settings"), 2)
    );
}

#[tokio::test]
async fn a_failure_has_its_statement_whole() {
    let database = database().await;
    let sql = database.client().await.unwrap();
    let no_triggers = "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS \
                           $$BEGIN RAISE EXCEPTION 'not today' USING HINT = 'tomorrow'; END$$; \
                       CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('CREATE TRIGGER') \
                           EXECUTE FUNCTION no()";
    sql.batch_execute(no_triggers).await.unwrap();
    let ended = run(&["--json"], database.parts());
    ended.assert_code(1);
    let object = ended.json();
    assert_eq!((&object["error"]["kind"], &object["applied"]), (&json!("statement"), &json!([])));
    let statement = &object["error"]["statement"];
    assert_eq!(statement["migration"], "V4__foreign_writers");
    assert_eq!(
        (&statement["code"], &statement["message"]),
        (&json!("SQLSTATE P0001"), &json!("not today"))
    );
    assert_eq!((&statement["hint"], &statement["line"]), (&json!("tomorrow"), &json!(19)));
    let sql = statement["sql"].as_str().unwrap();
    assert!(sql.starts_with("CREATE TRIGGER messages_foreign_insert") && sql.ends_with("insert()"));
}
