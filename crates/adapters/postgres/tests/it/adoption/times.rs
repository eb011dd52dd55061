//! Naive times become instants, in the zone that LEGACY_TIMEZONE says and no other.

use super::{adopt_in, go_database, refusal, refusal_in};
use crate::steps::count;
use dispatcher_testkit::TestDatabase;
use jiff::Timestamp;
use tokio_postgres::Client;

/// The zone of every new session of that database, that of migrate included.
async fn move_to_kolkata(database: &TestDatabase, sql: &Client) {
    let name = &database.parts().dbname;
    let set = format!("ALTER DATABASE {name} SET TimeZone = 'Asia/Kolkata'");
    sql.batch_execute(&set).await.unwrap();
}

#[tokio::test]
async fn times_are_read_in_the_given_zone_to_the_microsecond() {
    // Summer time ended in Istanbul in 2016, at +3; before 1910 it had a time of its own.
    let cases = [
        ("2024-01-01 10:00:00.123456", "2024-01-01T07:00:00.123456Z"),
        ("2015-01-15 12:00:00", "2015-01-15T10:00:00Z"),
        ("2015-07-15 12:00:00.000001", "2015-07-15T09:00:00.000001Z"),
        ("1905-06-01 00:00:00", "1905-05-31T22:03:04Z"),
        ("9999-12-29 23:59:59.999999", "9999-12-29T20:59:59.999999Z"),
        ("0001-01-02 00:00:00", "0001-01-01T22:04:08Z"),
    ];
    let (database, go) = go_database().await;
    move_to_kolkata(&database, &go.sql).await;
    for (id, (naive, _)) in (1..).zip(cases) {
        let update = format!("UPDATE messages SET created_at = '{naive}' WHERE id = {id}");
        go.sql.batch_execute(&update).await.unwrap();
    }
    adopt_in("Europe/Istanbul", &database).await.unwrap();
    for (id, (naive, instant)) in (1_i64..).zip(cases) {
        let row = go.sql.query_one("SELECT created_at FROM messages WHERE id = $1", &[&id]).await;
        let found: Timestamp = row.unwrap().get(0);
        assert_eq!(found, instant.parse::<Timestamp>().unwrap(), "{naive}");
    }
}

#[tokio::test]
async fn times_that_have_a_zone_already_stay_what_they_are() {
    let (database, go) = go_database().await;
    move_to_kolkata(&database, &go.sql).await;
    go.sql
        .batch_execute(
            "ALTER TABLE messages ALTER created_at TYPE timestamptz; \
             UPDATE messages SET created_at = '2024-01-01T10:00:00.123456Z'",
        )
        .await
        .unwrap();
    adopt_in("Europe/Istanbul", &database).await.unwrap();
    let same = "SELECT count(*) FROM messages WHERE created_at = '2024-01-01T10:00:00.123456Z'";
    assert_eq!(count(&go.sql, same).await, 10);
}

#[tokio::test]
async fn times_that_no_program_can_read_are_refused_and_counted() {
    for time in ["infinity", "-infinity", "0044-03-15 12:00:00 BC", "9999-12-31", "0001-01-01"] {
        let (database, go) = go_database().await;
        let update = format!("UPDATE messages SET created_at = '{time}' WHERE id < 4");
        go.sql.batch_execute(&update).await.unwrap();
        let problems = refusal(&database).await;
        assert_eq!(
            problems,
            [
                "3 rows of messages have a created_at before the year 1 or after the year 9999: mend \
              or delete those WHERE (created_at < '0001-01-02' OR created_at >= '9999-12-30')"
            ],
            "{time}"
        );
    }
}

#[tokio::test]
async fn a_zone_that_the_server_does_not_know_is_refused() {
    let (database, _go) = go_database().await;
    let problems = refusal_in("Europe/Constantinople", &database).await;
    assert_eq!(
        problems,
        [
            "the server knows no time zone Europe/Constantinople: set LEGACY_TIMEZONE to a name such \
          as UTC or Europe/Istanbul"
        ]
    );
}
