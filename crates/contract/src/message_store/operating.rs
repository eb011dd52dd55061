//! What operators decide about single messages.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{
        accepted, claim_ids, claim_one, enqueue, finish, free_flow, not_sent, pass, refused,
        unknown, unreachable,
    },
};
use dispatcher_domain::{
    ClaimedMessage, Completion, MessageId, OperatorCommand, OperatorRequest, ProbeBackoff,
    ProviderMessageId, Refusal, Status,
    ports::{Decided, Decision, Recorded},
};
use std::time::Duration;

const CANCEL: OperatorCommand = OperatorCommand::Cancel;
const REQUEUE: OperatorCommand = OperatorCommand::Requeue { force: false };
const FORCE: OperatorCommand = OperatorCommand::Requeue { force: true };
const SENT: OperatorCommand = OperatorCommand::ResolveSent { provider_message_id: None };
const NOT_SENT: OperatorCommand = OperatorCommand::ResolveNotSent;
const ALL: [OperatorCommand; 5] = [CANCEL, REQUEUE, FORCE, SENT, NOT_SENT];

const KEY_WINDOW: Duration = Duration::from_secs(100);

async fn ask(
    store: &dyn Fixture,
    id: MessageId,
    command: OperatorCommand,
    seen_attempt: Option<i32>,
) -> Decided {
    let request = OperatorRequest { command, seen_attempt };
    store.operators().decide(id, &request, KEY_WINDOW).await.expect("the store answers")
}

/// A decision that must be taken.
async fn decide(store: &dyn Fixture, id: MessageId, command: OperatorCommand) -> Decision {
    match ask(store, id, command, None).await {
        Decided::Done(decision) => decision,
        other => panic!("{other:?}"),
    }
}

/// A refusal that must be one.
async fn refuse(store: &dyn Fixture, id: MessageId, command: OperatorCommand) -> Refusal {
    match ask(store, id, command, None).await {
        Decided::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

/// A message whose only attempt ended so.
async fn ended(store: &dyn Fixture, end: &Completion) -> ClaimedMessage {
    free_flow(store).await;
    enqueue(store, 1).await;
    let message = claim_one(store).await;
    finish(store, &message, end).await;
    message
}

pub async fn a_canceled_message_never_starts(store: &dyn Fixture) {
    free_flow(store).await;
    let ids = enqueue(store, 3).await;
    store.schedule(ids[1], Duration::from_secs(10)).await;
    for id in &ids[..2] {
        let decision = decide(store, *id, CANCEL).await;
        let told = (decision.was, decision.status, decision.changed, decision.maybe_sent);
        assert_eq!(told, (Status::Queued, Status::Canceled, true, false));
        let row = store.row(*id).await;
        assert_eq!((row.status, row.scheduled, row.legacy_sent), (Status::Canceled, false, None));
        assert_eq!(row.status_reason.as_deref(), Some("canceled_by_operator"));
    }
    pass(store, 20).await;
    assert_eq!(claim_ids(store, 9).await, ids[2..]);
}

pub async fn a_message_in_flight_refuses_every_command(store: &dyn Fixture) {
    let id = enqueue(store, 1).await[0];
    let message = claim_one(store).await;
    let before = store.row(id).await;
    for command in ALL {
        assert_eq!(refuse(store, id, command).await, Refusal::InFlight);
        assert_eq!(store.row(id).await, before);
    }
    assert_eq!(finish(store, &message, &accepted()).await, Recorded::Applied, "it goes on");
}

pub async fn a_dead_letter_is_requeued_with_all_its_tries_under_a_new_key(store: &dyn Fixture) {
    let first = ended(store, &unknown()).await;
    decide(store, first.id, NOT_SENT).await;
    assert_eq!(store.row(first.id).await.tries_used, 1);
    let decision = decide(store, first.id, REQUEUE).await;
    assert_eq!((decision.was, decision.status), (Status::Failed, Status::Queued));
    let row = store.row(first.id).await;
    assert_eq!((row.tries_used, row.attempt, row.legacy_sent), (0, 1, Some(false)));
    assert_eq!(row.status_reason.as_deref(), Some("requeued_by_operator"));
    let second = claim_one(store).await;
    assert_eq!((second.id, second.lease.attempt), (first.id, 2), "attempts only grow");
    assert_ne!(second.key, first.key);
    assert_eq!(second.key, decision.key);
    let attempts = store.archive().find(first.id).await.unwrap().unwrap().attempts;
    let keys: Vec<_> = attempts.into_iter().map(|attempt| attempt.key).collect();
    assert_eq!(keys, [first.key, second.key], "each attempt tells its key");
}

pub async fn a_requeued_message_waits_for_nothing_and_rejoins_at_its_place(store: &dyn Fixture) {
    free_flow(store).await;
    let ids = enqueue(store, 2).await;
    store.schedule(ids[0], Duration::from_secs(1_000)).await;
    decide(store, ids[0], CANCEL).await;
    decide(store, ids[0], REQUEUE).await;
    assert_eq!(claim_ids(store, 9).await, ids);
    // One that waits in the queue is not requeued: it goes on waiting.
    let ids = enqueue(store, 1).await;
    let message = claim_one(store).await;
    finish(store, &message, &not_sent()).await;
    assert!(!decide(store, ids[0], REQUEUE).await.changed);
    assert!(store.row(ids[0]).await.scheduled);
}

pub async fn only_force_requeues_what_may_have_been_sent(store: &dyn Fixture) {
    let first = ended(store, &unknown()).await;
    let maybe_sent = Refusal::MaybeSent { status: Status::Unconfirmed };
    assert_eq!(refuse(store, first.id, REQUEUE).await, maybe_sent);
    assert_eq!(claim_ids(store, 9).await, []);
    let decision = decide(store, first.id, FORCE).await;
    assert_eq!((decision.status, decision.maybe_sent), (Status::Queued, true));
    let second = claim_one(store).await;
    assert_eq!(second.key, first.key, "a provider that knows it sends one SMS");
    // The doubt outlives a refusal of the second attempt.
    finish(store, &second, &refused()).await;
    assert_eq!(store.row(first.id).await.unknown_outcomes, 1);
    let maybe_sent = Refusal::MaybeSent { status: Status::Failed };
    assert_eq!(refuse(store, first.id, REQUEUE).await, maybe_sent);
}

pub async fn the_age_of_a_key_counts_from_the_first_start_under_it(store: &dyn Fixture) {
    let first = ended(store, &unknown()).await;
    let again = async || {
        decide(store, first.id, FORCE).await;
        let message = claim_one(store).await;
        finish(store, &message, &unknown()).await;
        message.key
    };
    pass(store, 90).await;
    assert_eq!(again().await, first.key);
    // 10 s after the last START under this key, 100 s after the first.
    pass(store, 10).await;
    let second_key = again().await;
    assert_ne!(second_key, first.key);
    // 190 s after the first START of all, 90 s after the first under this key.
    pass(store, 90).await;
    assert_eq!(again().await, second_key);
}

/// Nor does one that was given back.
pub async fn a_send_that_never_left_uses_no_key(store: &dyn Fixture) {
    let first = ended(store, &unreachable()).await;
    let given_back = claim_one(store).await;
    assert!(store.messages().release(given_back.id, &given_back.lease).await.unwrap());
    pass(store, 90).await;
    finish(store, &claim_one(store).await, &unknown()).await;
    let backoff = ProbeBackoff { base: KEY_WINDOW, cap: KEY_WINDOW };
    let doubt = store.doubts().take_in_doubt(1, &backoff).await.unwrap().remove(0);
    assert_eq!(doubt.key_used_since, Some(doubt.now));
    // 100 s after the first START, 10 s after the first that left.
    pass(store, 10).await;
    decide(store, first.id, FORCE).await;
    assert_eq!(claim_one(store).await.key, first.key);
}

pub async fn a_message_resolved_as_sent_is_sent_with_the_id_that_is_known(store: &dyn Fixture) {
    for end in [unknown(), refused()] {
        let message = ended(store, &end).await;
        let provider_message_id = ProviderMessageId::parse("from-the-portal");
        let command = OperatorCommand::ResolveSent { provider_message_id };
        let decision = decide(store, message.id, command).await;
        assert_eq!((decision.status, decision.maybe_sent), (Status::Sent, false));
        let row = store.row(message.id).await;
        assert_eq!((row.status, row.legacy_sent), (Status::Sent, Some(true)));
        assert_eq!(row.status_reason.as_deref(), Some("resolved_by_operator"));
        assert_eq!(row.provider_message_id.as_deref(), Some("from-the-portal"));
        let found = store.archive().find(message.id).await.unwrap().unwrap();
        assert!(found.message.sent_at.is_some());
    }
    let message = ended(store, &unknown()).await;
    decide(store, message.id, SENT).await;
    assert_eq!(store.archive().count_sent().await.unwrap(), 3);
}

pub async fn a_message_resolved_as_not_sent_is_a_dead_letter_without_a_doubt(store: &dyn Fixture) {
    let message = ended(store, &unknown()).await;
    let decision = decide(store, message.id, NOT_SENT).await;
    assert_eq!((decision.status, decision.maybe_sent), (Status::Failed, false));
    let row = store.row(message.id).await;
    assert_eq!((row.status, row.unknown_outcomes), (Status::Failed, 0));
    assert_eq!(row.status_reason.as_deref(), Some("resolved_not_sent"));
    let attempts = store.attempts(message.id).await;
    assert_eq!(attempts[0].outcome.as_deref(), Some("unknown"), "what was seen stays");
}

pub async fn only_a_new_attempt_makes_what_an_operator_saw_outdated(store: &dyn Fixture) {
    let message = ended(store, &unknown()).await;
    decide(store, message.id, FORCE).await;
    let second = claim_one(store).await;
    finish(store, &second, &unknown()).await;
    let before = store.row(message.id).await;
    let outdated = Refusal::Outdated { status: Status::Unconfirmed, attempt: 2 };
    for command in ALL {
        let answer = ask(store, message.id, command, Some(1)).await;
        assert_eq!(answer, Decided::Refused(outdated.clone()));
        assert_eq!(store.row(message.id).await, before);
    }
    let answer = ask(store, message.id, NOT_SENT, Some(2)).await;
    assert!(matches!(answer, Decided::Done(_)), "{answer:?}");
}

pub async fn a_command_that_is_refused_or_repeated_changes_nothing(store: &dyn Fixture) {
    let commands = [(unknown(), FORCE), (unknown(), SENT), (unknown(), NOT_SENT)];
    for (end, command) in commands {
        let id = ended(store, &end).await.id;
        assert!(decide(store, id, command.clone()).await.changed);
        let once = store.archive().find(id).await.unwrap();
        pass(store, 1).await;
        let again = decide(store, id, command).await;
        assert_eq!((again.changed, again.was), (false, again.status));
        assert_eq!(store.archive().find(id).await.unwrap(), once);
        decide(store, id, SENT).await;
    }
    let id = ended(store, &accepted()).await.id;
    let before = store.archive().find(id).await.unwrap();
    for command in [CANCEL, REQUEUE, FORCE, NOT_SENT] {
        let refusal = refuse(store, id, command).await;
        assert!(matches!(refusal, Refusal::WrongStatus { status: Status::Sent, .. }));
        assert_eq!(store.archive().find(id).await.unwrap(), before);
    }
}

pub async fn late_proof_of_acceptance_wins_over_every_decision(store: &dyn Fixture) {
    for command in [FORCE, NOT_SENT] {
        let message = ended(store, &unknown()).await;
        decide(store, message.id, command).await;
        assert_eq!(finish(store, &message, &accepted()).await, Recorded::AppliedLate);
        assert_eq!(store.row(message.id).await.status, Status::Sent);
        assert_eq!(claim_ids(store, 9).await, []);
    }
    // Requeued, and canceled before it could start again.
    let message = ended(store, &unknown()).await;
    decide(store, message.id, FORCE).await;
    assert!(decide(store, message.id, CANCEL).await.maybe_sent);
    assert_eq!(finish(store, &message, &accepted()).await, Recorded::AppliedLate);
    assert_eq!(store.row(message.id).await.status, Status::Sent);
}

pub async fn a_late_refusal_does_not_undo_a_decision(store: &dyn Fixture) {
    for (command, status) in [(SENT, Status::Sent), (FORCE, Status::Queued)] {
        let message = ended(store, &unknown()).await;
        decide(store, message.id, command).await;
        assert_eq!(finish(store, &message, &refused()).await, Recorded::Fenced);
        assert_eq!(store.row(message.id).await.status, status);
    }
}

pub async fn a_message_that_is_not_there_is_not_found(store: &dyn Fixture) {
    for command in ALL {
        assert_eq!(ask(store, MessageId(1), command, None).await, Decided::NotFound);
    }
}
