//! A database that is up and refuses us, in the middle of a send: a password
//! that was changed, a role that may not log in. What the provider accepted is
//! told to it once it takes us back, however long that takes.

use dispatcher_mock_provider::{Behaviour, Config, Script};
use dispatcher_stage::{
    LIMIT,
    private::{PrivateStage, shut_out},
};
use dispatcher_testkit::wait_until;

/// The message is no longer ours once its lease is over.
const SETTINGS: [(&str, &str); 1] = [("RESCUE_GRACE", "0s")];

async fn refused_by(refuse: &str, take_back: &str) {
    let held = Config { script: Script::of([Behaviour::Hold]), ..Config::default() };
    let stage = PrivateStage::migrated(held).await;
    let parts = stage.postgres.parts();
    let role = format!("ALTER ROLE \"{}\"", parts.user);
    // Stays open, whoever may log in.
    let sql = stage.sql().await;
    stage.insert(2).await;
    let replica = stage.replica(&SETTINGS).await;
    stage.provider.wait_for_requests(1, LIMIT).await.expect("a send");
    sql.batch_execute(&format!("{role} {refuse}")).await.expect("refused");
    shut_out(&sql, &replica).await;
    stage.provider.script(Script::default());
    // Again and again, and beyond the lease.
    replica.until_logged("the outcome of a send is not recorded yet", 2).await;
    let lease_is_over = "UPDATE messages SET lease_until = started_at WHERE status = 'sending'";
    assert_eq!(sql.execute(lease_is_over, &[]).await.expect("an update"), 1, "it is in flight");
    replica.until_logged("the outcome of a send is not recorded yet", 4).await;
    assert_eq!(replica.get("/health").await.0, 503, "it goes on, and says so");

    let take_back = take_back.replace("{password}", &parts.password);
    sql.batch_execute(&format!("{role} {take_back}")).await.expect("taken back");
    stage.all_are_sent_once(2).await;
    wait_until("/health knows", LIMIT, async || replica.get("/health").await.0 == 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_changes_in_the_middle_of_a_send_loses_no_outcome() {
    refused_by("PASSWORD 'another'", "PASSWORD '{password}'").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_log_in_for_a_while_loses_no_outcome() {
    refused_by("NOLOGIN", "LOGIN").await;
}
