//! A Redis of one's own can be killed, started again, emptied and locked.

use dispatcher_testkit::TestRedis;

#[tokio::test]
async fn a_killed_redis_refuses_and_a_started_one_answers_on_the_same_port() {
    let redis = TestRedis::start().await.unwrap();
    let url = redis.url().to_owned();
    redis.command(&["SET", "parcel", "7"]).await.unwrap();
    assert_eq!(redis.command(&["GET", "parcel"]).await.unwrap(), "7");

    redis.kill().await.unwrap();
    assert!(redis.command(&["PING"]).await.is_err());

    redis.start_again().await.unwrap();
    assert_eq!(redis.command(&["PING"]).await.unwrap(), "PONG");
    assert_eq!(redis.command(&["GET", "parcel"]).await.unwrap(), "", "it kept nothing");
    assert_eq!(redis.url(), url);
}

#[tokio::test]
async fn flushing_removes_all_keys_and_leaves_other_servers_alone() {
    let (one, two) = (TestRedis::start().await.unwrap(), TestRedis::start().await.unwrap());
    for redis in [&one, &two] {
        redis.command(&["SET", "parcel", "7"]).await.unwrap();
    }

    one.flush().await.unwrap();

    assert_eq!(one.command(&["DBSIZE"]).await.unwrap(), "0");
    assert_eq!(two.command(&["DBSIZE"]).await.unwrap(), "1");
}

#[tokio::test]
async fn a_password_is_asked_for_and_part_of_the_url() {
    let redis = TestRedis::start_with_password("geheim").await.unwrap();

    assert!(redis.url().starts_with("redis://:geheim@127.0.0.1:"), "{}", redis.url());
    assert_eq!(redis.command(&["PING"]).await.unwrap(), "PONG");
    let config = redis.command(&["CONFIG", "GET", "requirepass"]).await.unwrap();
    assert_eq!(config, "requirepass\ngeheim");
}
