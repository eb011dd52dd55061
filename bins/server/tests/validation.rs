//! Rows that programs wrote by SQL and that are no valid SMS.

use dispatcher_mock_provider::Config;
use dispatcher_stage::{LIMIT, Stage};
use dispatcher_testkit::wait_until;

/// One message per hour: a row that cost quota would hold the next one back.
const SETTINGS: [(&str, &str); 2] = [("BATCH_SIZE", "1"), ("PROCESSING_INTERVAL", "1h")];

const BAD: [(&str, &str, &str); 4] = [
    ("12345", "Hello", "invalid_phone_number_length"),
    ("", "Hello", "invalid_phone_number_length"),
    ("+905551234567", "", "empty_content"),
    ("12345", "", "invalid_phone_number_length"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_bad_row_is_rejected_with_its_reason_and_the_good_one_behind_them_goes_out() {
    let stage = Stage::set(Config::default()).await;
    for (phone_number, content, _) in BAD {
        stage.write(phone_number, content).await;
    }
    stage.write("+905551234567", &"ğ".repeat(161)).await;
    stage.write("+905551234567", &"ğ".repeat(160)).await;
    let _replica = stage.replica(&SETTINGS).await;
    wait_until("the good one is sent", LIMIT, async || stage.count("sent").await == 1).await;
    let sql = "SELECT status, status_reason FROM messages ORDER BY id";
    let rows = stage.sql.query(sql, &[]).await.expect("the rows");
    let told: Vec<(String, Option<String>)> =
        rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let rejected = |reason: &str| ("rejected".to_owned(), Some(reason.to_owned()));
    let mut expected: Vec<_> = BAD.iter().map(|(_, _, reason)| rejected(reason)).collect();
    expected.push(rejected("content_too_long"));
    expected.push(("sent".to_owned(), None));
    assert_eq!(told, expected);
    assert_eq!(stage.provider.ledger()[0].content, "ğ".repeat(160));
}

/// No new message could be one of these, and still they go to the provider as
/// they are, each with what follows from its texts beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_go_service_sent_is_sent_although_the_api_would_refuse_it() {
    let stage = Stage::set(Config::default()).await;
    let rows = [
        ("+905551234567\r", "\u{feff}Hello", Some("+905551234567"), "ucs2"),
        ("+90555\t1234567", "a\u{1b}[2Jb", Some("+905551234567"), "ucs2"),
        ("+905551234567", " \r\n", Some("+905551234567"), "gsm7"),
        ("HELLO WORLD", "\u{202e}olleH", None, "ucs2"),
    ];
    for (phone_number, content, ..) in rows {
        stage.write(phone_number, content).await;
    }
    let _replica = stage.replica(&[]).await;
    wait_until("all are sent", LIMIT, async || stage.count("sent").await == 4).await;
    let arrived: Vec<_> = stage.provider.ledger();
    let sql = "SELECT phone_e164, encoding, segments FROM messages ORDER BY id";
    let stored = stage.sql.query(sql, &[]).await.expect("the rows");
    for (at, (phone_number, content, e164, encoding)) in rows.into_iter().enumerate() {
        assert_eq!((&*arrived[at].phone_number, &*arrived[at].content), (phone_number, content));
        let found = (stored[at].get(0), stored[at].get(1), stored[at].get(2));
        assert_eq!(found, (e164, encoding, 1_i32), "{phone_number:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_bad_rows_cost_no_silence_no_quota_and_no_attempt() {
    let stage = Stage::set(Config::default()).await;
    let sql = "INSERT INTO messages (phone_number, content) \
               SELECT n::text, 'message ' || n FROM generate_series(1, 1000) AS n ORDER BY n";
    stage.sql.execute(sql, &[]).await.expect("an insert");
    stage.insert(1001, 1).await;
    let mut replica = stage.replica(&SETTINGS).await;
    stage.provider.wait_for_accepted(1, LIMIT).await.expect("the good one goes out");
    wait_until("the good one is sent", LIMIT, async || stage.count("sent").await == 1).await;
    assert_eq!(stage.count("rejected").await, 1000);
    let sql = "SELECT count(*), sum(attempt), sum(tries_used) FROM messages \
               WHERE status = 'rejected' AND attempt = 0 AND tries_used = 0 AND sent IS NULL";
    assert_eq!(stage.sql.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 1000);
    let sql = "SELECT count(*) FROM attempts";
    assert_eq!(stage.sql.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 1);
    assert_eq!(stage.provider.requests().len(), 1);
    // They are told at the end of a batch, which is after its sends.
    assert!(replica.terminate().await.success());
    assert_eq!(replica.log().matches("row is no valid SMS").count(), 1000, "a line for each");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_is_mended_and_requeued_by_sql_is_sent() {
    let stage = Stage::set(Config::default()).await;
    stage.write("12345", "Hello").await;
    let _replica = stage.replica(&[]).await;
    wait_until("it is rejected", LIMIT, async || stage.count("rejected").await == 1).await;
    let sql = "UPDATE messages SET phone_number = '+905551234567', sent = FALSE";
    stage.sql.execute(sql, &[]).await.expect("an update");
    wait_until("it is sent", LIMIT, async || stage.count("sent").await == 1).await;
}
