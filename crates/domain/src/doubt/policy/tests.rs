//! The promises of `docs/delivery.md`, as far as a decision can keep them.

use super::*;
use crate::{DoubtfulAttempt, LeaseToken, MessageId, StatusReason};
use proptest::prelude::*;
use uuid::Uuid;

const WINDOW: Duration = Duration::from_secs(3600);
const MARGIN: Duration = Duration::from_secs(60);
const TRIES: u32 = 3;
const NOTHING: Evidence = Evidence::None { not_known: false, incomplete: false };
const NOT_KNOWN: Evidence = Evidence::None { not_known: true, incomplete: false };
const INCOMPLETE: Evidence = Evidence::None { not_known: false, incomplete: true };

/// One send of unknown outcome, a minute ago.
pub(in crate::doubt) fn in_doubt() -> InDoubt {
    let started_at = Timestamp::from_second(1_700_000_000).unwrap();
    InDoubt {
        id: MessageId(1),
        uuid: Uuid::from_u128(1),
        key_epoch: 0,
        attempt: 1,
        attempts: vec![DoubtfulAttempt {
            attempt: 1,
            token: LeaseToken(Uuid::from_u128(2)),
            started_at,
        }],
        tries_used: 1,
        key_used_since: Some(started_at),
        reason: StatusReason::LEASE_EXPIRED,
        now: started_at + Duration::from_secs(60),
    }
}

fn after(passed: Duration) -> InDoubt {
    let doubt = in_doubt();
    InDoubt { now: doubt.attempts[0].started_at + passed, ..doubt }
}

fn policy(delivery: DeliveryPolicy, key_window: Option<Duration>) -> ResolutionPolicy {
    let retry = RetryPolicy { max_tries: TRIES, ..RetryPolicy::default() };
    ResolutionPolicy { delivery, key_window, key_margin: MARGIN, retry }
}

fn plain() -> ResolutionPolicy {
    policy(DeliveryPolicy::AtMostOnce, None)
}

fn idempotent() -> ResolutionPolicy {
    policy(DeliveryPolicy::AtMostOnce, Some(WINDOW))
}

fn at_least_once() -> ResolutionPolicy {
    policy(DeliveryPolicy::AtLeastOnce, None)
}

fn wait(finding: Option<StatusReason>) -> Resolution {
    Resolution::Wait { finding }
}

#[test]
fn proof_of_acceptance_wins_over_every_policy() {
    let evidence = || Evidence::Accepted { proof: Proof::LookUp, provider_message_id: None };
    for policy in [plain(), idempotent(), at_least_once()] {
        let doubt = InDoubt { tries_used: TRIES, ..after(2 * WINDOW) };
        let decided = policy.decide(&doubt, evidence(), 0.5);
        assert_eq!(decided, Resolution::Sent { proof: Proof::LookUp, provider_message_id: None });
    }
}

#[test]
fn at_most_once_waits_for_proof_and_tells_what_it_found() {
    assert_eq!(plain().decide(&in_doubt(), NOTHING, 0.5), wait(None));
    let not_known = Some(StatusReason::NOT_KNOWN_BY_PROVIDER);
    assert_eq!(plain().decide(&in_doubt(), NOT_KNOWN, 0.5), wait(not_known));
}

#[test]
fn an_idempotent_provider_is_asked_again_with_the_same_key() {
    let doubt = in_doubt();
    let until = Some(doubt.key_used_since.unwrap() + (WINDOW - MARGIN));
    let expected = Resolution::Resend { after: Duration::from_secs(15), until };
    for evidence in [NOTHING, NOT_KNOWN, INCOMPLETE] {
        assert_eq!(idempotent().decide(&doubt, evidence, 0.5), expected);
    }
}

#[test]
fn nothing_is_resent_from_the_margin_before_the_end_of_the_key_window_on() {
    let end = WINDOW - MARGIN;
    let second = Duration::from_secs(1);
    let decide = |passed| idempotent().decide(&after(passed), NOTHING, 0.5);
    assert!(matches!(decide(end - second), Resolution::Resend { .. }));
    for passed in [end, end + second, WINDOW, 100 * WINDOW] {
        assert_eq!(decide(passed), wait(Some(StatusReason::KEY_WINDOW_OVER)));
    }
}

#[test]
fn the_key_window_counts_from_the_first_start_and_not_from_the_last() {
    let mut doubt = after(WINDOW);
    let first = doubt.attempts[0];
    doubt.attempts.push(DoubtfulAttempt { attempt: 2, started_at: doubt.now, ..first });
    let decided = idempotent().decide(&doubt, NOTHING, 0.5);
    assert_eq!(decided, wait(Some(StatusReason::KEY_WINDOW_OVER)));
}

#[test]
fn a_first_start_that_is_not_on_record_or_yet_to_come_opens_no_window() {
    let mut doubt = in_doubt();
    for since in [None, Some(doubt.now + Duration::from_secs(1))] {
        doubt.key_used_since = since;
        let decided = idempotent().decide(&doubt, NOTHING, 0.5);
        assert_eq!(decided, wait(Some(StatusReason::KEY_WINDOW_OVER)));
    }
}

#[test]
fn a_window_shorter_than_its_margin_is_never_open() {
    let policy = ResolutionPolicy { key_window: Some(MARGIN), ..idempotent() };
    let decided = policy.decide(&after(Duration::ZERO), NOTHING, 0.5);
    assert_eq!(decided, wait(Some(StatusReason::KEY_WINDOW_OVER)));
}

#[test]
fn a_resend_falls_due_while_the_key_window_is_open() {
    let policy = ResolutionPolicy {
        retry: RetryPolicy { base: 2 * WINDOW, cap: 2 * WINDOW, max_tries: TRIES },
        ..idempotent()
    };
    let doubt = after(WINDOW - MARGIN - Duration::from_secs(10));
    let Resolution::Resend { after, .. } = policy.decide(&doubt, NOTHING, 0.9) else {
        panic!("there are ten seconds left")
    };
    assert_eq!(after, Duration::from_secs(5));
}

#[test]
fn at_least_once_resends_whatever_the_provider_remembers() {
    let both = policy(DeliveryPolicy::AtLeastOnce, Some(WINDOW));
    let expected = Resolution::Resend { after: Duration::from_secs(15), until: None };
    for policy in [at_least_once(), both] {
        assert_eq!(policy.decide(&after(100 * WINDOW), NOTHING, 0.5), expected);
    }
}

#[test]
fn what_may_be_resent_fails_when_its_tries_are_used_up() {
    for policy in [idempotent(), at_least_once()] {
        let doubt = |tries_used| InDoubt { tries_used, ..in_doubt() };
        let decide = |tries| policy.decide(&doubt(tries), NOT_KNOWN, 0.5);
        assert!(matches!(decide(TRIES - 1), Resolution::Resend { .. }));
        assert_eq!((decide(TRIES), decide(TRIES + 1)), (Resolution::Fail, Resolution::Fail));
    }
}

#[test]
fn nothing_fails_while_proof_may_still_come_but_not_for_ever() {
    let decide = |passed| {
        let doubt = InDoubt { tries_used: TRIES, ..after(passed) };
        at_least_once().decide(&doubt, INCOMPLETE, 0.5)
    };
    // A day, as docs/delivery.md has it.
    const DAY: Duration = Duration::from_secs(86_400);
    assert_eq!(decide(DAY - Duration::from_secs(1)), wait(None));
    assert_eq!(decide(DAY), Resolution::Fail);
}

#[test]
fn each_resolution_has_its_word() {
    let sent = |proof| Resolution::Sent { proof, provider_message_id: None };
    let token = LeaseToken(Uuid::nil());
    let resend = Resolution::Resend { after: Duration::ZERO, until: None };
    for (resolution, word) in [
        (sent(Proof::Receipt { attempt: 1, token }), Some("receipt")),
        (sent(Proof::LookUp), Some("look_up")),
        (resend, Some("resend")),
        (Resolution::Fail, Some("tries_used_up")),
        (wait(Some(StatusReason::KEY_WINDOW_OVER)), Some("key_window_over")),
        (wait(None), None),
    ] {
        assert_eq!(resolution.reason().as_ref().map(StatusReason::as_str), word);
    }
}

fn any_evidence() -> impl Strategy<Value = Evidence> {
    any::<(bool, bool)>()
        .prop_map(|(not_known, incomplete)| Evidence::None { not_known, incomplete })
}

fn any_doubt() -> impl Strategy<Value = InDoubt> {
    (0..20_000_u64, 0..6_u32).prop_map(|(passed, tries_used)| InDoubt {
        tries_used,
        ..after(Duration::from_secs(passed))
    })
}

proptest! {
    /// P3.
    #[test]
    fn at_most_once_without_idempotency_never_resends_and_never_gives_up(
        doubt in any_doubt(), evidence in any_evidence(), unit in 0.0..1.0_f64
    ) {
        let decided = plain().decide(&doubt, evidence, unit);
        prop_assert!(matches!(decided, Resolution::Wait { .. }), "{decided:?}");
    }

    /// P2.
    #[test]
    fn at_most_once_resends_only_what_can_start_within_the_key_window(
        doubt in any_doubt(), evidence in any_evidence(), unit in 0.0..1.0_f64
    ) {
        let decided = idempotent().decide(&doubt, evidence, unit);
        if let Resolution::Resend { after, until } = decided {
            let until = until.unwrap();
            prop_assert_eq!(until + MARGIN, doubt.key_used_since.unwrap() + WINDOW);
            prop_assert!(doubt.now + after < until);
        }
    }

    /// P4: each resend follows an unknown outcome, and there are few.
    #[test]
    fn no_resend_follows_more_unknown_outcomes_than_there_are_tries(
        doubt in any_doubt(), evidence in any_evidence(), unit in 0.0..1.0_f64
    ) {
        for policy in [idempotent(), at_least_once()] {
            if let Resolution::Resend { .. } = policy.decide(&doubt, evidence.clone(), unit) {
                prop_assert!(doubt.tries_used < TRIES);
            }
        }
    }
}
