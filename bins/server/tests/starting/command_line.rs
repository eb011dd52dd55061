//! The command line: exit codes and texts that tell what to do.

use dispatcher_mock_provider::{Config, MockProvider};
use dispatcher_stage::{
    LIMIT, http_client,
    program::{run, start},
};
use dispatcher_testkit::{process::Signal, wait_until};
use serde_json::Value;

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
    let elsewhere = MockProvider::start(Config::default()).await.expect("a provider");
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
