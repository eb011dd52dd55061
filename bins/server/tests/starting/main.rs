//! How the program starts, and how it ends when it cannot: exit codes and
//! texts that tell what to do.

#[path = "../support/mod.rs"]
mod support;

mod clock;
mod dev;
mod impostors;
mod listening;
mod looks;
mod postgres;
mod process;
mod provider;
mod redis;
mod row;
mod scene;
mod sqlite;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_listening() {
    row::try_all(listening::ROWS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_postgres() {
    row::try_all(postgres::ROWS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_sqlite() {
    row::try_all(sqlite::ROWS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_redis() {
    row::try_all(redis::ROWS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_provider() {
    row::try_all(provider::ROWS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_process() {
    row::try_all(process::ROWS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_clock() {
    row::try_all(clock::ROWS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_dev() {
    row::try_all(dev::ROWS).await;
}

use dispatcher_mock_provider::Config;
use dispatcher_testkit::{
    TestDatabase,
    postgres::PostgresParts,
    process::{Program, Signal, Stream},
    wait_until,
};
use serde_json::Value;
use std::{net::TcpListener, process::Command};
use support::{LIMIT, Stage, environment, http_client};

/// A program that has ended: its exit code and what it printed.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Starts the program with these arguments and exactly these variables.
fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_message-dispatcher-server"));
    command.args(arguments).env_clear().current_dir(std::env::temp_dir());
    command.envs(environment.iter().copied());
    Program::spawn(&mut command).expect("the server starts")
}

/// The same, to its end.
async fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let mut program = start(arguments, environment);
    let code = program.wait_for_exit(LIMIT).await.expect("an end").code();
    let printed = |stream| program.lines(stream).join("\n");
    Ended { code, out: printed(Stream::Out), err: printed(Stream::Err) }
}

/// Serves on this database, to the end.
async fn serve(database: &PostgresParts, changed: &[(&str, &str)]) -> Ended {
    let usual = environment(database, "http://127.0.0.1:1/send");
    let mut variables: Vec<(&str, &str)> =
        usual.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    variables.extend(changed);
    run(&["serve"], &variables).await
}

#[tokio::test]
async fn all_wrong_variables_are_named_at_once() {
    let wrong = [
        ("BATCH_SIZE", "none"),
        ("PROCESSING_INTERVAL", "120"),
        ("DB_PORT", "70000"),
        ("DB_PASSWORD", "hush-hush"),
        ("SMS_API_URL", "ftp://example.com"),
        ("SERVER_HOST", "0.0.0.0"),
        ("LEASE", "1s"),
    ];
    let ended = run(&[], &wrong).await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(64), ""));
    for (name, _) in wrong.iter().filter(|(name, _)| *name != "DB_PASSWORD") {
        assert!(ended.err.contains(name), "{name} is not in:\n{}", ended.err);
    }
    assert!(!ended.err.contains("hush-hush"), "{}", ended.err);
    assert!(!ended.err.contains("DB_PASSWORD"), "it is right:\n{}", ended.err);
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_with_the_way_to_another() {
    let other = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = other.local_addr().expect("an address").port().to_string();
    let stage = Stage::set(Config::default()).await;
    for ended in [
        serve(stage.database.parts(), &[("SERVER_PORT", &port)]).await,
        run(&["dev", "--port", &port], &[]).await,
    ] {
        assert_eq!(ended.code, Some(69), "{}", ended.err);
        let told = format!("cannot listen on 127.0.0.1 port {port}");
        assert!(ended.err.contains(&told) && ended.err.contains("--port"), "{}", ended.err);
    }
}

#[tokio::test]
async fn a_database_that_is_not_migrated_is_told_with_the_program_that_does() {
    let database = TestDatabase::create().await.expect("a database");
    let ended = serve(database.parts(), &[]).await;
    assert_eq!(ended.code, Some(69), "{}", ended.err);
    let told = "the database is not migrated: run message-dispatcher-migrate";
    assert!(ended.err.contains(told), "{}", ended.err);
}

#[tokio::test]
async fn an_older_and_a_newer_database_are_told_apart() {
    let older = "DELETE FROM dispatcher_schema_history \
                 WHERE version = (SELECT max(version) FROM dispatcher_schema_history)";
    let newer = "INSERT INTO dispatcher_schema_history (version, name, applied_on, checksum) \
                 VALUES (900, 'of_the_future', '', '')";
    for (change, told) in [(older, "run message-dispatcher-migrate"), (newer, "schema 900, newer")]
    {
        let stage = Stage::set(Config::default()).await;
        stage.insert(1, 1).await;
        stage.sql.batch_execute(change).await.expect("a change");
        let ended = serve(stage.database.parts(), &[]).await;
        assert_eq!(ended.code, Some(69), "{}", ended.err);
        assert!(ended.err.contains(told), "{}", ended.err);
        assert_eq!(stage.count("queued").await, 1, "nothing was started");
    }
}

#[tokio::test]
async fn a_wrong_password_ends_the_start_and_is_in_no_output() {
    let stage = Stage::set(Config::default()).await;
    let right = stage.database.parts();
    let wrong = PostgresParts { password: "wrong-hush-hush".into(), ..right.clone() };
    let ended = serve(&wrong, &[("LOG_LEVEL", "debug")]).await;
    assert_eq!(ended.code, Some(69), "{}", ended.err);
    assert!(ended.err.contains("password authentication failed"), "{}", ended.err);
    for secret in ["hush-hush", &right.password, "test-token"] {
        assert!(!ended.err.contains(secret) && !ended.out.contains(secret), "{}", ended.err);
    }
}

#[tokio::test]
async fn a_database_that_does_not_exist_ends_the_start() {
    let stage = Stage::set(Config::default()).await;
    let nowhere =
        PostgresParts { dbname: "no_such_thing".into(), ..stage.database.parts().clone() };
    let ended = serve(&nowhere, &[]).await;
    assert_eq!(ended.code, Some(69), "{}", ended.err);
    assert!(ended.err.contains("\"no_such_thing\" does not exist"), "{}", ended.err);
}

#[tokio::test]
async fn help_and_version_are_printed_and_a_wrong_word_is_not_run() {
    let help = run(&["--help"], &[]).await;
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    for word in ["serve", "dev", "DATABASE_URL", "SMS_API_URL", "Exit codes"] {
        assert!(help.out.contains(word), "{word} is not in:\n{}", help.out);
    }
    let version = run(&["--version"], &[]).await;
    assert_eq!(version.code, Some(0));
    let starts = concat!("message-dispatcher-server ", env!("CARGO_PKG_VERSION"));
    assert!(version.out.starts_with(starts), "{}", version.out);
    for wrong in [&["serv"][..], &["serve", "--port", "1"], &["dev", "--port", "x"]] {
        let ended = run(wrong, &[]).await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(64), ""), "{wrong:?}");
        assert!(ended.err.contains("--help"), "{}", ended.err);
    }
}

#[tokio::test]
async fn dev_sends_its_samples_and_ends_in_order() {
    let mut dev = start(&["dev", "--port", "0", "--interval", "200ms"], &[]);
    let line = dev.wait_for_line("Message Dispatcher runs at", LIMIT).await.expect("it runs");
    let base = line.rsplit(' ').next().expect("an address");
    let http = http_client();
    let get = async |path: &str| -> Value {
        let answer = http.get(format!("{base}{path}")).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.expect("JSON")
    };
    wait_until("the samples are sent", LIMIT, async || {
        get("/api/messages/sent").await["total"] == 6
    })
    .await;
    let list = get("/api/messages/sent").await;
    assert_eq!(list["messages"][5]["content"], "Thank you. That was the last of the samples.");
    assert!(list["messages"][5]["cached_at"].is_string(), "{list}");
    assert_eq!(get("/health").await["status"], "healthy");
    dev.signal(Signal::Terminate).expect("a signal");
    assert_eq!(dev.wait_for_exit(LIMIT).await.expect("an end").code(), Some(0));
}

#[tokio::test]
async fn dev_takes_no_provider_and_no_database_from_the_environment() {
    let elsewhere = dispatcher_mock_provider::MockProvider::start(Config::default()).await.unwrap();
    let url = elsewhere.send_url();
    let variables =
        [("SMS_API_URL", url.as_str()), ("DATABASE_URL", "postgres://127.0.0.1:1/none")];
    let dev = start(&["dev", "--port", "0", "--interval", "0s"], &variables);
    let line = dev.wait_for_line("Message Dispatcher runs at", LIMIT).await.expect("it runs");
    let list = format!("{}/api/messages/sent", line.rsplit(' ').next().expect("an address"));
    let http = http_client();
    wait_until("the samples are sent", LIMIT, async || {
        let list = http.get(&list).send().await.expect("an answer");
        list.json::<Value>().await.expect("JSON")["total"] == 6
    })
    .await;
    assert_eq!(elsewhere.requests(), []);
}

#[tokio::test]
async fn dev_tells_a_wrong_interval_as_any_other_setting() {
    let ended = run(&["dev", "--port", "0", "--interval", "10"], &[]).await;
    assert_eq!(ended.code, Some(64), "{}", ended.err);
    assert!(ended.err.contains("PROCESSING_INTERVAL"), "{}", ended.err);
}
