//! Which contract test says no when a guard is gone, on every store that has one of this name.

/// The test that is asked first; where it stays green, all are.
pub(crate) fn first_test(guard: &str) -> Option<&'static str> {
    TESTS.iter().find(|(name, _)| *name == guard).map(|(_, test)| *test)
}

const ON_RECORD: &str = "an_acceptance_without_an_attempt_on_record_is_no_proof";
const RELEASE: &str = "release_is_fenced_by_status_token_and_attempt_alike";
const COUNTED: &str = "an_unknown_outcome_parks_the_message_and_is_counted";
const LANE: &str = "recipient_order_never_sends_two_to_one_number";
const BATCH: &str = "a_batch_then_nothing_until_one_period_after_its_last_send";
const UUID: &str = "only_the_uuid_stops_a_completion_for_an_id_given_away_again";

const TESTS: &[(&str, &str)] = &[
    ("enabled", "nothing_starts_after_a_stop_until_a_start"),
    ("breaker", "an_open_breaker_lets_one_probe_through_and_closes_when_it_succeeds"),
    ("throttle", "a_throttled_provider_holds_all_sends"),
    ("busy", "strict_order_sends_one_at_a_time"),
    ("quota", "replicas_share_one_quota"),
    ("tick", BATCH),
    ("push at the start", "a_stop_and_start_does_not_refill_the_quota"),
    ("push at the end", BATCH),
    ("lost send", "a_lost_send_counts_until_the_end_of_its_lease"),
    ("own end", "a_late_end_does_not_let_a_second_one_start_in_strict_order"),
    ("quota of a new pace", "a_new_pace_inherits_nothing_of_the_old_batch"),
    ("same pace", "a_restart_with_the_same_pace_leaves_the_batch_as_it_is"),
    ("stop without a quota", "a_stop_holds_without_a_quota_too"),
    ("pace without a quota", "a_throttled_provider_holds_all_sends"),
    ("status", "only_the_status_stops_a_late_deferral"),
    ("uuid", UUID),
    ("token", "only_the_token_stops_a_strangers_completion"),
    ("attempt", "only_the_attempt_stops_an_earlier_completion"),
    ("late proof", ON_RECORD),
    ("attempt on record", ON_RECORD),
    ("token on record", ON_RECORD),
    ("accepted once", "the_same_completion_twice_is_one"),
    ("status of a late refusal", "late_proof_of_acceptance_wins_over_every_status"),
    ("attempt of a late refusal", "only_the_attempt_stops_a_late_refusal_of_an_earlier_one"),
    ("token of a late refusal", "only_the_token_stops_a_strangers_late_refusal"),
    ("told once", "a_failure_told_twice_counts_once_for_the_breaker"),
    ("count before a resend", COUNTED),
    ("count of tries", COUNTED),
    ("status of a release", RELEASE),
    ("uuid of a release", UUID),
    ("token of a release", RELEASE),
    ("attempt of a release", RELEASE),
    ("status of a claim", "only_the_status_keeps_what_has_ended_from_being_given_back"),
    ("token of a claim", "a_whole_claim_is_released_by_its_token_alone"),
    ("claim that never was", "giving_back_a_claim_that_never_took_effect_changes_nothing"),
    ("lease", "only_the_lease_keeps_a_message_from_rescue"),
    ("grace", "only_the_grace_keeps_a_message_from_rescue"),
    ("clock of the lease", "a_lease_from_a_clock_set_back_is_shortened"),
    ("count of a rescue before a resend", "a_rescued_message_is_unconfirmed_and_counted"),
    ("status of a start", "priority_then_age_then_id_decides"),
    ("due", "a_scheduled_message_starts_at_its_time_and_at_its_place"),
    ("attempt counts up", "a_claim_makes_the_head_sending_and_writes_its_attempt"),
    ("lane", LANE),
    ("lane in flight", "a_recipient_in_flight_does_not_hold_up_the_others"),
    ("status of a lane's head", "one_that_is_over_does_not_hold_up_its_recipient"),
    ("one of each lane", "one_recipient_with_many_messages_does_not_hold_up_the_claim"),
    ("as many as admitted", "replicas_share_one_quota"),
    ("end of a key", "a_resend_whose_time_is_over_does_not_start_and_costs_nothing"),
    ("expiry", "a_message_that_is_over_expires_instead_of_starting_and_costs_nothing"),
    ("status of an expiry", "only_a_queued_message_expires"),
    ("status of an expiry, both times", "only_a_queued_message_expires"),
    ("time of an expiry", "a_message_starts_until_the_moment_that_it_is_over"),
    ("status in doubt", "what_is_not_in_doubt_takes_nobodys_turn"),
    ("status in doubt, both times", "what_is_not_in_doubt_is_not_taken"),
    ("next look", "each_look_is_followed_by_a_longer_wait_up_to_a_cap"),
    ("uuid of a settlement", "only_the_uuid_stops_a_settlement_for_an_id_given_away_again"),
    ("status of a settlement", "only_the_status_stops_a_settlement"),
    ("attempt of a settlement", "only_the_attempt_stops_an_earlier_settlement"),
    ("key of a settlement", "only_the_key_epoch_stops_a_settlement_for_another_key"),
    ("receipt on record", "a_receipt_of_no_send_on_record_is_no_proof"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guards::copy::read;

    #[test]
    fn each_test_is_in_the_suite_and_each_name_in_the_table() {
        let suite = read("crates/contract/src/message_store/mod.rs").unwrap();
        for (name, test) in TESTS {
            assert!(suite.contains(&format!(": {test},")), "{test}");
            assert!(super::super::all().any(|guard| guard.name == *name), "{name}");
        }
    }
}
