use super::*;
use proptest::prelude::*;

const WINDOW: Duration = Duration::from_secs(24 * 3600);

fn row(status: Status) -> Standing {
    let unknown_outcomes = u32::from(status == Status::Unconfirmed);
    let key_age = Some(Duration::from_secs(60));
    Standing { status, attempt: 1, unknown_outcomes, key_age, provider_message_id: None }
}

fn maybe_sent(status: Status) -> Standing {
    Standing { unknown_outcomes: 1, ..row(status) }
}

fn ask(command: OperatorCommand) -> OperatorRequest {
    OperatorRequest { command, seen_attempt: None }
}

fn judge(command: &OperatorCommand, row: &Standing) -> Result<Ruling, Refusal> {
    ask(command.clone()).judge(row, WINDOW)
}

const CANCEL: OperatorCommand = OperatorCommand::Cancel;
const REQUEUE: OperatorCommand = OperatorCommand::Requeue { force: false };
const FORCE: OperatorCommand = OperatorCommand::Requeue { force: true };
const SENT: OperatorCommand = OperatorCommand::ResolveSent { provider_message_id: None };
const NOT_SENT: OperatorCommand = OperatorCommand::ResolveNotSent;

/// The change, which must be one.
fn changed(command: &OperatorCommand, row: &Standing) -> Change {
    match judge(command, row) {
        Ok(Ruling::Change(change)) => change,
        other => panic!("{command:?} of {row:?}: {other:?}"),
    }
}

/// One letter for each status of [`Status::ALL`]: `c`hanged, `s`o already,
/// `x` refused.
fn letters(command: &OperatorCommand, row: impl Fn(Status) -> Standing) -> String {
    let letter = |status| match judge(command, &row(status)) {
        Ok(Ruling::Change(_)) => 'c',
        Ok(Ruling::AlreadySo) => 's',
        Err(_) => 'x',
    };
    Status::ALL.into_iter().map(letter).collect()
}

#[test]
fn the_whole_table() {
    // queued, sending, sent, delivered, undelivered, failed, unconfirmed, canceled, expired, rejected
    assert_eq!(letters(&CANCEL, row), "cxxxxxxsxx");
    assert_eq!(letters(&CANCEL, maybe_sent), "cxxxxxxsxx");
    assert_eq!(letters(&REQUEUE, row), "sxxxxcxccx");
    assert_eq!(letters(&REQUEUE, maybe_sent), "sxxxxxxxxx");
    assert_eq!(letters(&FORCE, row), "sxxxxccccx");
    assert_eq!(letters(&FORCE, maybe_sent), "sxxxxccccx");
    assert_eq!(letters(&SENT, row), "xxsssccccx");
    assert_eq!(letters(&SENT, maybe_sent), "cxsssccccc");
    assert_eq!(letters(&NOT_SENT, row), "xxxxxscxxx");
    assert_eq!(letters(&NOT_SENT, maybe_sent), "xxxxxxcxxx");
}

#[test]
fn what_is_being_sent_is_left_alone() {
    for command in [CANCEL, REQUEUE, FORCE, SENT, NOT_SENT] {
        assert_eq!(judge(&command, &row(Status::Sending)), Err(Refusal::InFlight));
    }
}

#[test]
fn what_cannot_be_requeued_is_told_with_a_way_out() {
    for (status, way_out) in
        [(Status::Rejected, "set its column sent to FALSE"), (Status::Sent, "enqueue it anew")]
    {
        let refusal = judge(&FORCE, &row(status)).unwrap_err().to_string();
        assert!(refusal.contains(way_out), "{refusal}");
    }
}

#[test]
fn a_dead_letter_goes_back_under_a_new_key() {
    let change = changed(&REQUEUE, &row(Status::Failed));
    assert_eq!((change.status, change.new_key), (Status::Queued, true));
    assert_eq!(change.reason.as_str(), "requeued_by_operator");
}

#[test]
fn what_may_have_been_sent_goes_back_by_force_only() {
    let row = row(Status::Unconfirmed);
    assert_eq!(judge(&REQUEUE, &row), Err(Refusal::MaybeSent { status: Status::Unconfirmed }));
    assert!(!changed(&FORCE, &row).settled, "the doubt stays on record");
}

#[test]
fn within_the_window_the_key_protects_from_a_second_sms_and_stays() {
    let aged = |age| Standing { key_age: age, ..maybe_sent(Status::Failed) };
    let second = Duration::from_secs(1);
    assert!(!changed(&FORCE, &aged(Some(WINDOW.saturating_sub(second)))).new_key);
    assert!(changed(&FORCE, &aged(Some(WINDOW))).new_key);
    assert!(!changed(&FORCE, &aged(None)).new_key, "nobody knows this key yet");
}

#[test]
fn the_operators_word_settles_what_was_unknown() {
    let change = changed(&NOT_SENT, &row(Status::Unconfirmed));
    assert_eq!((change.status, change.settled), (Status::Failed, true));
    assert_eq!(change.reason.as_str(), "resolved_not_sent");
    // As it stands then, it needs no force.
    assert!(changed(&REQUEUE, &row(Status::Failed)).new_key);
}

#[test]
fn a_message_is_sent_with_the_id_that_the_operator_brings() {
    let id = ProviderMessageId::parse("abc");
    let command = OperatorCommand::ResolveSent { provider_message_id: id.clone() };
    let change = changed(&command, &row(Status::Unconfirmed));
    assert_eq!((change.status, change.provider_message_id), (Status::Sent, id));
    assert_eq!(change.reason.as_str(), "resolved_by_operator");

    let sent = |id: Option<&str>| Standing {
        provider_message_id: id.map(str::to_owned),
        ..row(Status::Sent)
    };
    assert_eq!(judge(&command, &sent(Some("abc"))), Ok(Ruling::AlreadySo));
    assert!(judge(&command, &sent(Some("other"))).is_err());
    assert!(judge(&command, &sent(None)).is_err(), "an id is not dropped without a word");
}

#[test]
fn what_was_known_of_an_earlier_attempt_decides_nothing() {
    let row = Standing { attempt: 2, ..row(Status::Unconfirmed) };
    for command in [CANCEL, REQUEUE, FORCE, SENT, NOT_SENT] {
        let late = OperatorRequest { command, seen_attempt: Some(1) };
        let refusal = Refusal::Outdated { status: Status::Unconfirmed, attempt: 2 };
        assert_eq!(late.judge(&row, WINDOW), Err(refusal));
    }
    let seen = OperatorRequest { command: NOT_SENT, seen_attempt: Some(2) };
    assert!(seen.judge(&row, WINDOW).is_ok());
}

#[test]
fn a_refusal_names_the_status_and_what_would_be_right() {
    let told = judge(&CANCEL, &row(Status::Failed)).unwrap_err().to_string();
    assert_eq!(told, "the message is failed: only a queued message can be canceled");
    let told = judge(&REQUEUE, &row(Status::Sent)).unwrap_err().to_string();
    assert_eq!(told, "the message is sent: to send the same text again, enqueue it anew");
}

fn any_standing() -> impl Strategy<Value = Standing> {
    (0..Status::ALL.len(), 0_u32..3, prop::option::of(0_u64..100_000)).prop_map(
        |(status, unknown_outcomes, age)| Standing {
            unknown_outcomes,
            key_age: age.map(Duration::from_secs),
            ..row(Status::ALL[status])
        },
    )
}

fn any_command() -> impl Strategy<Value = OperatorCommand> {
    prop::sample::select(vec![CANCEL, REQUEUE, FORCE, SENT, NOT_SENT])
}

/// The row after a change, as a store writes it.
fn after(row: &Standing, change: &Change) -> Standing {
    Standing {
        status: change.status,
        unknown_outcomes: if change.settled { 0 } else { row.unknown_outcomes },
        key_age: row.key_age.filter(|_| !change.new_key),
        ..row.clone()
    }
}

proptest! {
    /// Whatever stands there, only steps of the diagram are taken.
    #[test]
    fn every_change_is_a_step_that_statuses_allow(row in any_standing(), command in any_command()) {
        if let Ok(Ruling::Change(change)) = judge(&command, &row) {
            prop_assert!(row.status.may_become(change.status), "{row:?} to {change:?}");
        }
    }

    /// An answer that was lost may be asked for again.
    #[test]
    fn a_command_given_twice_is_one(row in any_standing(), command in any_command()) {
        if let Ok(Ruling::Change(change)) = judge(&command, &row) {
            prop_assert_eq!(judge(&command, &after(&row, &change)), Ok(Ruling::AlreadySo));
        }
    }

    /// P5: only the operator's own word takes the doubt away.
    #[test]
    fn no_doubt_is_lost_but_by_resolving(row in any_standing(), command in any_command()) {
        if let Ok(Ruling::Change(change)) = judge(&command, &row) {
            prop_assert_eq!(change.settled, command == NOT_SENT);
        }
    }
}

#[test]
fn whoever_cancels_what_has_left_is_told_what_to_do_instead() {
    let told = |status| judge(&CANCEL, &row(status)).unwrap_err().to_string();
    assert!(told(Status::Unconfirmed).contains("resolve it"), "{}", told(Status::Unconfirmed));
    assert!(told(Status::Sent).contains("only a queued message"), "{}", told(Status::Sent));
}
