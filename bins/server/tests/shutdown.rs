//! Asked to stop: what is in flight is finished, nothing new begins, and
//! nobody waits for ever.
//!
//! Unix only: elsewhere nobody can ask a single process to stop.
#![cfg(unix)]

use dispatcher_mock_provider::{Behaviour, Config, Script};
use dispatcher_stage::{
    LIMIT, Stage, over_both_stores, private::PrivateStage, spawn, store::Store,
};
use dispatcher_testkit::process::Signal;
use std::time::Duration;

/// Less than SHUTDOWN_TIMEOUT, which is two minutes: who waits for that is too
/// late.
const SOON: Duration = Duration::from_secs(90);
const IN_ORDER: &str = "stopped: nothing is in flight";

fn hanging() -> Config {
    Config::scripted(Script::of([Behaviour::HangBeforeAccept]))
}

/// It answers when it gets another script.
fn holding() -> Config {
    Config::scripted(Script::always(Behaviour::Hold))
}

over_both_stores!(
    the_send_in_flight_is_finished_and_recorded_and_nothing_is_claimed_after,
    many_sends_in_flight_are_all_finished,
    a_second_signal_ends_the_process_at_once,
    what_outlasts_the_shutdown_time_out_is_left_to_the_rescue,
    an_idle_server_ends_at_once_by_either_signal,
    #[cfg(target_os = "linux")]
    a_terminal_that_is_closed_ends_it_in_order_unless_nohup_says_otherwise,
    the_service_manager_hears_when_it_is_up_and_how_long_its_end_may_take,
);

async fn the_send_in_flight_is_finished_and_recorded_and_nothing_is_claimed_after<S: Store>() {
    let stage = Stage::<S>::with(holding()).await;
    stage.insert(1, 3).await;
    let mut replica = stage.replica(&[]).await;
    // A connection that stays open must not hold up the end.
    assert_eq!(replica.get("/version").await.0, 200);
    stage.provider.wait_for_requests(1, LIMIT).await.expect("a send");
    assert_eq!(stage.count("sending").await, 1);
    replica.ask_to_stop(Signal::Terminate);
    replica.until_stopping().await;
    stage.provider.script(Script::default());
    assert_eq!(replica.exit_code(SOON).await, Some(0), "{}", replica.log());
    assert!(replica.log().contains(IN_ORDER), "{}", replica.log());
    assert_eq!((stage.count("sent").await, stage.count("queued").await), (1, 2));
    assert_eq!(stage.provider.requests().len(), 1);
    let sql = "SELECT count(*) FROM attempts WHERE outcome = 'accepted'";
    assert_eq!(stage.number(sql).await, 1);
}

async fn many_sends_in_flight_are_all_finished<S: Store>() {
    let stage = Stage::<S>::with(holding()).await;
    stage.insert(1, 20).await;
    let mut replica = stage.replica(&[("ORDERING", "none"), ("MAX_IN_FLIGHT", "8")]).await;
    stage.provider.wait_for_requests(8, LIMIT).await.expect("sends");
    replica.ask_to_stop(Signal::Interrupt);
    replica.until_stopping().await;
    stage.provider.script(Script::default());
    assert_eq!(replica.exit_code(SOON).await, Some(0), "{}", replica.log());
    assert_eq!(stage.provider.requests().len(), 8);
    assert_eq!((stage.count("sent").await, stage.count("queued").await), (8, 12));
}

async fn a_second_signal_ends_the_process_at_once<S: Store>() {
    let stage = Stage::<S>::with(hanging()).await;
    stage.insert(1, 1).await;
    let mut replica = stage.replica(&[]).await;
    stage.provider.wait_for_requests(1, LIMIT).await.expect("a send");
    replica.ask_to_stop(Signal::Terminate);
    replica.until_stopping().await;
    replica.ask_to_stop(Signal::Terminate);
    assert_eq!(replica.exit_code(SOON).await, Some(143));
    assert!(replica.log().contains("second signal: ending at once"), "{}", replica.log());
    assert_eq!(stage.count("sending").await, 1, "the rescue will find it");
}

async fn what_outlasts_the_shutdown_time_out_is_left_to_the_rescue<S: Store>() {
    let stage = Stage::<S>::with(hanging()).await;
    stage.insert(1, 1).await;
    let settings = [("SHUTDOWN_TIMEOUT", "300ms"), ("RESCUE_GRACE", "0s")];
    let mut replica = stage.replica(&settings).await;
    stage.provider.wait_for_requests(1, LIMIT).await.expect("a send");
    replica.ask_to_stop(Signal::Terminate);
    assert_eq!(replica.exit_code(SOON).await, Some(0));
    let warning = "SHUTDOWN_TIMEOUT is over: what is still in flight will be unconfirmed";
    assert!(replica.log().contains(warning), "{}", replica.log());
    assert_eq!(stage.count("sending").await, 1, "it ended before its send did");
    stage.end_every_lease().await;
    let _other = stage.replica(&settings).await;
    stage.until_all_are_final().await;
    let expected = ("unconfirmed".to_owned(), Some("lease_expired".to_owned()));
    assert_eq!(stage.status(1).await, expected);
    assert_eq!(stage.provider.requests().len(), 1, "it is not sent again");
}

async fn an_idle_server_ends_at_once_by_either_signal<S: Store>() {
    let stage = Stage::<S>::with(Config::default()).await;
    for signal in [Signal::Terminate, Signal::Interrupt] {
        let mut replica = stage.replica(&[]).await;
        replica.ask_to_stop(signal);
        assert_eq!(replica.exit_code(SOON).await, Some(0), "{}", replica.log());
        assert!(replica.log().contains(IN_ORDER), "{}", replica.log());
    }
}

/// By the terminal and by its shell: the second one is no impatience. Under `nohup`, as these tests
/// may be, neither is meant for it.
#[cfg(target_os = "linux")]
async fn a_terminal_that_is_closed_ends_it_in_order_unless_nohup_says_otherwise<S: Store>() {
    let stage = Stage::<S>::with(holding()).await;
    stage.insert(1, 1).await;
    let mut replica = stage.replica(&[]).await;
    stage.provider.wait_for_requests(1, LIMIT).await.expect("a send");
    replica.ask_to_stop(Signal::Hangup);
    if hangup_is_ignored() {
        stage.provider.script(Script::default());
        stage.until(1, "sent", None).await;
        replica.ask_to_stop(Signal::Terminate);
    } else {
        replica.until_stopping().await;
        replica.ask_to_stop(Signal::Hangup);
        stage.provider.script(Script::default());
    }
    assert_eq!(replica.exit_code(SOON).await, Some(0), "{}", replica.log());
    assert_eq!((stage.count("sent").await, stage.count("sending").await), (1, 0));
    let signal = if hangup_is_ignored() { "SIGTERM" } else { "SIGHUP" };
    assert!(replica.log().contains(signal), "{}", replica.log());
}

/// What it inherits from these tests.
#[cfg(target_os = "linux")]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").expect("its state");
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("a mask");
    u64::from_str_radix(mask.trim(), 16).expect("a number") & 1 == 1
}

async fn the_service_manager_hears_when_it_is_up_and_how_long_its_end_may_take<S: Store>() {
    let stage = Stage::<S>::with(Config::default()).await;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("notify");
    let socket = tokio::net::UnixDatagram::bind(&path).expect("a socket");
    let heard = async || {
        let mut text = [0; 100];
        let length = tokio::time::timeout(LIMIT, socket.recv(&mut text)).await;
        let length = length.expect("it tells").expect("a text");
        String::from_utf8_lossy(&text[..length]).into_owned()
    };
    let settings = [("NOTIFY_SOCKET", path.to_str().expect("a path")), ("SHUTDOWN_TIMEOUT", "90s")];
    let mut replica = stage.replica(&settings).await;
    assert_eq!(heard().await, "READY=1");
    replica.ask_to_stop(Signal::Terminate);
    assert_eq!(heard().await, "STOPPING=1\nEXTEND_TIMEOUT_USEC=105000000");
    assert_eq!(replica.exit_code(SOON).await, Some(0), "{}", replica.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_database_is_down_ends_in_order() {
    let stage = PrivateStage::migrated(Config::default()).await;
    stage.insert(1).await;
    let mut replica = stage.replica(&[]).await;
    stage.all_are_sent_once(1).await;
    stage.stop().await;
    replica.program.wait_for_line("the message store fails", LIMIT).await.expect("it notices");
    replica.ask_to_stop(Signal::Terminate);
    assert_eq!(replica.exit_code(SOON).await, Some(0), "{}", replica.log());
    assert!(replica.log().contains(IN_ORDER), "{}", replica.log());
    // And one that still waits for its database.
    let mut program = spawn(stage.environment(), &[]);
    program.wait_for_line("the message store is down", LIMIT).await.expect("it waits");
    program.signal(Signal::Terminate).expect("a signal");
    assert_eq!(program.wait_for_exit(SOON).await.expect("an end").code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_that_cannot_be_recorded_holds_up_the_end_no_longer_than_the_time_out() {
    let stage = PrivateStage::migrated(holding()).await;
    stage.insert(1).await;
    let mut replica = stage.replica(&[("SHUTDOWN_TIMEOUT", "3s")]).await;
    stage.provider.wait_for_requests(1, LIMIT).await.expect("a send");
    stage.stop().await;
    replica.ask_to_stop(Signal::Terminate);
    replica.until_stopping().await;
    stage.provider.script(Script::default());
    assert_eq!(replica.exit_code(SOON).await, Some(0), "{}", replica.log());
    assert!(replica.log().contains("SHUTDOWN_TIMEOUT is over"), "{}", replica.log());
}
