//! Processes that are killed at any moment: nothing that they acknowledged is
//! lost, and nothing is done twice.

use crate::{
    steps::{LIMIT, Replica, count, hello},
    support::TestFile,
};
use dispatcher_contract::message_store::{accepted, request};
use dispatcher_domain::{
    ClaimResult, MessageId, Status, Terms,
    ports::{MessageArchive, MessageRepo},
};
use dispatcher_sqlite::{Db, SqliteConfig};
use dispatcher_testkit::{
    chance::{Dice, campaign_count},
    process::{Program, Signal, Stream},
};
use jiff::SignedDuration;
use std::{process::Command, time::Duration};

const FILE: &str = "DISPATCHER_SQLITE_FILE";

/// This program again, as one that sends from `file` until it is killed.
pub(crate) fn child(file: &TestFile) -> Program {
    let mut command = Command::new(std::env::current_exe().expect("a path"));
    command.args(["--exact", "crashes::what_it_acknowledges_it_has_done", "--nocapture"]);
    Program::spawn(command.env(FILE, file.path())).expect("starts")
}

/// Also the process that the other tests kill: with a file to send from, it
/// goes on until then.
#[tokio::test]
async fn what_it_acknowledges_it_has_done() {
    if let Some(path) = std::env::var_os(FILE) {
        let start: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let db = Db::open_to_send(&SqliteConfig::new(path), move || start).unwrap();
        return send(&Replica::over(db), usize::MAX).await;
    }
    let file = TestFile::migrated().await;
    send(&Replica::of(&file), 6).await;
    let of_status = |status| {
        count(&file.shell(), &format!("SELECT count(*) FROM messages WHERE status = '{status}'"))
    };
    assert_eq!((of_status("sent"), of_status("queued")), (4, 2), "every third was given back");
}

/// It prints what was acknowledged, each line with its number.
async fn send(replica: &Replica, rounds: usize) {
    replica.free_flow().await;
    for round in 0..rounds {
        let number = round * 4;
        let enqueued = replica.messages.enqueue(&hello(), &Terms::default()).await.unwrap();
        println!("#{number} enqueued {}", enqueued.id);
        let request = request(1);
        let claim = replica.messages.claim_due(&request).await.unwrap().result;
        let ClaimResult::Started(messages) = claim else { panic!("one is due") };
        let message = &messages[0];
        println!("#{} started {}", number + 1, message.id);
        if round % 3 == 2 {
            replica.messages.release(message.id, &message.lease).await.unwrap();
            println!("#{} released {}", number + 2, message.id);
        } else {
            replica.messages.record_outcome(message.id, &message.lease, &accepted()).await.unwrap();
            println!("#{} sent {}", number + 2, message.id);
        }
    }
}

#[tokio::test]
async fn a_kill_at_any_moment_loses_nothing_and_doubles_nothing() {
    let file = TestFile::migrated().await;
    let mut dice = Dice::for_campaign("sqlite kills");
    let kills = campaign_count(6);
    let mut acknowledged = Vec::new();
    let mut inserted = 0;
    for _ in 0..kills {
        let mut child = child(&file);
        // Between two lines lies one call: the kill falls into it, or beside.
        let last = dice.below(60);
        let line = format!("#{} ", last - last % 4 + last % 3);
        child.wait_for_line(&line, LIMIT).await.unwrap();
        inserted += insert_beside(&file, dice.below(5));
        child.signal(Signal::Kill).unwrap();
        child.wait_for_exit(LIMIT).await.unwrap();
        acknowledged.extend(child.lines(Stream::Out).iter().filter_map(|line| told(line)));
    }
    let shell = file.shell();
    let intact: String = shell.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(intact, "ok");
    let replica = Replica::of(&file);
    for (what, id) in &acknowledged {
        let record = replica.archive.find(*id).await.unwrap().expect("it was acknowledged");
        let outcomes: Vec<_> = record.attempts.iter().map(|a| a.outcome.as_deref()).collect();
        match what.as_str() {
            "enqueued" => assert_eq!(record.message.content, "Hello"),
            "started" => assert!(!outcomes.is_empty(), "{record:?}"),
            "sent" => assert_eq!(record.message.status, Status::Sent, "{record:?}"),
            "released" => assert!(outcomes.contains(&Some("released")), "{record:?}"),
            other => panic!("{other}"),
        }
        let sends = outcomes.iter().filter(|outcome| **outcome != Some("released")).count();
        assert!(sends <= 1, "started twice: {record:?}");
    }
    let at_least = acknowledged.iter().filter(|(what, _)| what == "enqueued").count() + inserted;
    let stored = usize::try_from(count(&shell, "SELECT count(*) FROM messages")).unwrap();
    assert!((at_least..=at_least + kills).contains(&stored), "{at_least} of {stored}");
    what_was_in_flight_is_parked(&file, &replica, kills).await;
}

/// Nothing of it stays open: the next to open the file must find it as the kill
/// left it.
fn insert_beside(file: &TestFile, count: usize) -> usize {
    let shell = file.shell();
    shell.busy_timeout(LIMIT).unwrap();
    let insert = "INSERT INTO messages (phone_number, content) VALUES ('1234567890', 'x')";
    (0..count).map(|_| shell.execute(insert, []).unwrap()).sum()
}

async fn what_was_in_flight_is_parked(file: &TestFile, replica: &Replica, kills: usize) {
    let in_flight = "SELECT count(*) FROM messages WHERE status = 'sending'";
    let in_flight = usize::try_from(count(&file.shell(), in_flight)).unwrap();
    assert!(in_flight <= kills, "at most one for each kill: {in_flight}");
    file.time.advance(SignedDuration::from_hours(24));
    let parked = replica.messages.rescue_expired(Duration::ZERO, 1000).await.unwrap();
    assert_eq!(parked.len(), in_flight);
}

/// What a line acknowledges.
fn told(line: &str) -> Option<(String, MessageId)> {
    let (_, told) = line.strip_prefix('#')?.split_once(' ')?;
    let (what, id) = told.split_once(' ')?;
    Some((what.to_owned(), MessageId(id.parse().ok()?)))
}
