//! PostgreSQL over TLS: whom the real program trusts, and how it ends, or waits,
//! when it does not.

use dispatcher_mock_provider::{Config, MockProvider};
use dispatcher_stage::{
    LIMIT, Replica, Stage, environment, migrate,
    private::{PrivateStage, shut_out},
    spawn,
    tls::{authority, file},
};
use dispatcher_testkit::{
    PrivatePostgres, TestPgBouncer,
    pgbouncer::Pooling,
    postgres::PostgresParts,
    process::Stream,
    tls::{Authority, Identity},
    wait_until,
};
use futures_util::future::join_all;

/// A database with this certificate, which is also reached as `localhost`.
async fn stage(identity: Identity) -> PrivateStage {
    let postgres = PrivatePostgres::start_with_tls(identity).await.expect("a database server");
    migrate(postgres.parts().clone()).await.expect("the migrations");
    let provider = MockProvider::start(Config::default()).await.expect("a provider");
    PrivateStage { postgres, provider }
}

/// The usual environment, but with TLS: the database is reached by this name.
fn encrypted(
    database: &PostgresParts,
    send_url: &str,
    host: &str,
    mode: &str,
    authority: Option<&Authority>,
) -> Vec<(String, String)> {
    let database = PostgresParts { host: host.to_owned(), ..database.clone() };
    let mut variables = environment(&database, send_url);
    variables.push(("DB_SSLMODE".to_owned(), mode.to_owned()));
    variables
        .extend(authority.map(|trusted| ("DB_SSLROOTCERT".to_owned(), file(trusted).to_owned())));
    variables
}

/// The start ends: the exit code tells that the database is not available, the
/// text why, and no secret is told.
async fn is_refused(variables: Vec<(String, String)>, password: &str, told: &str) {
    let mut program = spawn(variables.clone(), &[("LOG_LEVEL", "debug")]);
    let code = program.wait_for_exit(LIMIT).await.map(|status| status.code());
    let printed = [Stream::Out, Stream::Err].map(|stream| program.lines(stream)).concat();
    let printed = printed.join("\n");
    let code = code.unwrap_or_else(|error| panic!("{error:#}\n{printed}"));
    assert_eq!(code, Some(69), "{told}: {printed}");
    let last = printed.lines().last().unwrap_or_default();
    assert!(last.starts_with("message-dispatcher-server: the database"), "{last}");
    assert!(last.contains(told), "{told}: {last}");
    assert!(!printed.contains(password), "{printed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_is_sent_over_verified_connections_set_either_way() {
    let authority = authority();
    let stage = stage(authority.issue("127.0.0.1").expect("a certificate")).await;
    stage.insert(30).await;
    let (parts, send_url) = (stage.postgres.parts(), stage.provider.send_url());
    let by_variables = encrypted(parts, &send_url, "127.0.0.1", "verify-full", Some(&authority));
    let file = file(&authority).replace('/', "%2F");
    let url = format!("{}?sslmode=verify-full&sslrootcert={file}", parts.url());
    let one = Replica::start(by_variables, &[]).await;
    let two = stage.replica(&[("DATABASE_URL", &url)]).await;
    stage.all_are_sent_once(30).await.accepted_in_queue_order();
    for replica in [&one, &two] {
        assert_eq!(replica.get("/health").await.1["dependencies"]["database"], "healthy");
    }
    let sql = "SELECT count(*) FILTER (WHERE ssl), count(*) FILTER (WHERE NOT ssl) \
               FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
               WHERE application_name = 'message-dispatcher'";
    let row = stage.sql().await.query_one(sql, &[]).await.expect("a count");
    let (encrypted, plain): (i64, i64) = (row.get(0), row.get(1));
    assert!(encrypted >= 2 && plain == 0, "{encrypted} encrypted, {plain} not");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_name_and_another_authority_end_the_start_where_they_matter() {
    let (ours, other) = (authority(), authority());
    let stage = stage(ours.issue("127.0.0.1").expect("a certificate")).await;
    let (parts, send_url) = (stage.postgres.parts(), stage.provider.send_url());
    let with = |host, mode, authority| encrypted(parts, &send_url, host, mode, authority);
    let refused = [
        ("localhost", "verify-full", &ours, "not valid for name \"localhost\""),
        ("127.0.0.1", "verify-full", &other, "UnknownIssuer"),
        ("127.0.0.1", "verify-ca", &other, "UnknownIssuer"),
    ];
    join_all(refused.map(|(host, mode, authority, told)| {
        is_refused(with(host, mode, Some(authority)), &parts.password, told)
    }))
    .await;
    let trusted = [("localhost", "verify-ca", Some(&ours)), ("localhost", "require", None)];
    for (host, mode, authority) in trusted {
        let replica = Replica::start(with(host, mode, authority), &[]).await;
        assert_eq!(replica.get("/health").await.0, 200, "{mode}: {}", replica.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_tls_is_refused_by_every_mode_that_needs_it() {
    let (authority, stage) = (authority(), Stage::set(Config::default()).await);
    let (parts, send_url) = (stage.database.parts(), stage.provider.send_url());
    let modes =
        [("require", None), ("verify-ca", Some(&authority)), ("verify-full", Some(&authority))];
    join_all(modes.map(|(mode, authority)| {
        let variables = encrypted(parts, &send_url, &parts.host, mode, authority);
        is_refused(variables, &parts.password, "server does not support TLS")
    }))
    .await;
}

/// Sends go on without anybody's help once the certificate is renewed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_ends_is_waited_for_unless_that_is_at_the_start() {
    let authority = authority();
    let good = || authority.issue("127.0.0.1").expect("a certificate");
    let stage = stage(good()).await;
    let (parts, send_url) = (stage.postgres.parts(), stage.provider.send_url());
    let variables = encrypted(parts, &send_url, "127.0.0.1", "verify-full", Some(&authority));
    let replica = Replica::start(variables.clone(), &[]).await;
    wait_until("it works", LIMIT, async || replica.get("/health").await.0 == 200).await;

    show(&stage, authority.issue_expired("127.0.0.1").expect("a certificate")).await;
    shut_out(&stage.sql().await, &replica).await;
    stage.insert(3).await;
    wait_until("the log tells why", LIMIT, async || replica.log().contains("certificate expired"))
        .await;
    is_refused(variables, &parts.password, "certificate expired").await;
    assert_eq!(stage.provider.requests(), []);

    show(&stage, good()).await;
    stage.all_are_sent_once(3).await;
    wait_until("/health is 200", LIMIT, async || replica.get("/health").await.0 == 200).await;
}

/// The server shows this certificate from now on, also to those who have seen
/// the one before.
async fn show(stage: &PrivateStage, identity: Identity) {
    stage.postgres.renew(identity).await.expect("it is written");
    let reload = "SELECT pg_reload_conf(); \
                  SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity \
                  WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
    stage.sql().await.batch_execute(reload).await.expect("it is read again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_with_tls_is_verified_as_well() {
    let (authority, stage) = (authority(), Stage::set(Config::default()).await);
    let identity = authority.issue("127.0.0.1").expect("a certificate");
    let pooling = Pooling { identity: Some(identity), ..Pooling::default() };
    let pooler = TestPgBouncer::start_with(stage.database.parts(), pooling).await;
    let pooler = pooler.expect("a pooler");
    let (parts, send_url) = (pooler.parts(), stage.provider.send_url());
    stage.insert(1, 5).await;
    let through = |host| encrypted(parts, &send_url, host, "verify-full", Some(&authority));
    is_refused(through("localhost"), &parts.password, "not valid for name").await;
    let _replica = Replica::start(through("127.0.0.1"), &[]).await;
    stage.until_all_are_final().await;
    assert_eq!(stage.count("sent").await, 5);
}
