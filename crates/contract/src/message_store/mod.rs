//! What a message store must do: `MessageRepo`, `DispatchControl`,
//! `MessageControl` and `MessageArchive` over the same rows.

pub mod archive;
pub mod claiming;
pub mod completing;
pub mod counting;
pub mod deriving;
mod doubt_steps;
pub mod doubting;
pub mod expiring;
pub mod fencing;
pub mod invalid_rows;
pub mod listing;
pub mod operating;
pub mod ordering;
pub mod pacing;
pub mod rescuing;
pub mod resending;
pub mod settling;
mod steps;
pub mod switching;
pub mod terms;

pub use steps::{accepted, claim, claim_one, finish, refused, request, unknown};

use async_trait::async_trait;
use dispatcher_domain::{
    MessageId, Status,
    ports::{
        DispatchControl, DoubtfulMessages, MessageArchive, MessageControl, MessageRepo, QueueStats,
    },
};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// A fresh store in manual time, and a look behind its ports.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// The queue.
    fn messages(&self) -> &dyn MessageRepo;

    /// The switch.
    fn control(&self) -> &dyn DispatchControl;

    /// What operators decide.
    fn operators(&self) -> &dyn MessageControl;

    /// The lists.
    fn archive(&self) -> &dyn MessageArchive;

    /// The messages in doubt.
    fn doubts(&self) -> &dyn DoubtfulMessages;

    /// The numbers.
    fn stats(&self) -> &dyn QueueStats;

    /// Moves the store's clock; may go back.
    async fn advance(&self, by: SignedDuration);

    /// Writes a row as any program may by SQL: nothing is checked.
    async fn insert_unchecked(&self, phone_number: &str, content: &str) -> MessageId;

    /// Changes both texts of a row as any program may by SQL.
    async fn rewrite(&self, id: MessageId, phone_number: &str, content: &str);

    /// Sets the priority of a queued row.
    async fn set_priority(&self, id: MessageId, priority: i16);

    /// Sets when a queued row falls due, in store time from now.
    async fn schedule(&self, id: MessageId, after: Duration);

    /// Sets from when on no send of a row starts, in store time from now.
    async fn let_expire(&self, id: MessageId, after: SignedDuration);

    /// Writes the column `sent`, as programs of the predecessor do; answers
    /// whether the store took it.
    async fn write_sent(&self, id: MessageId, sent: Option<bool>) -> bool;

    /// Empties the table, as `TRUNCATE … RESTART IDENTITY` does: ids may begin
    /// again.
    async fn empty(&self);

    /// The row.
    async fn row(&self, id: MessageId) -> Row;

    /// Its attempts, oldest first.
    async fn attempts(&self, id: MessageId) -> Vec<Attempt>;
}

/// What the tests look at in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Row {
    pub status: Status,
    pub status_reason: Option<String>,
    pub attempt: i32,
    pub tries_used: i32,
    pub unknown_outcomes: i32,
    pub scheduled: bool,
    pub provider_message_id: Option<String>,
    pub encoding: Option<String>,
    pub segments: Option<i64>,
    pub phone_e164: Option<String>,
    /// The column `sent` of the predecessor.
    pub legacy_sent: Option<bool>,
}

/// What the tests look at in an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Attempt {
    pub attempt: i32,
    pub started_at: Timestamp,
    pub outcome: Option<String>,
}

/// Makes one test of each sentence of the suite. `$new` is an async function
/// that returns a fresh [`Fixture`] each time.
#[macro_export]
macro_rules! message_store_suite {
    ($new:path) => {
        $crate::message_store_tests! { $new;
            archive: sent_messages_are_listed_oldest_first,
            archive: pages_list_every_sent_message_exactly_once,
            archive: an_empty_archive_is_an_empty_list,
            archive: a_message_is_found_with_all_its_attempts,
            claiming: an_empty_queue_starts_nothing_and_spends_no_tick,
            claiming: a_claim_makes_the_head_sending_and_writes_its_attempt,
            claiming: a_sending_message_is_invisible_until_its_lease_ends,
            claiming: rows_inserted_by_sql_are_claimed_like_any_other,
            claiming: an_empty_queue_tells_when_the_next_message_falls_due,
            claiming: the_idempotency_key_is_the_same_in_every_attempt,
            completing: an_accepted_message_is_sent_with_the_providers_id,
            completing: an_acceptance_without_an_id_is_sent_and_flagged,
            completing: a_deferred_message_waits_and_rejoins_at_its_place,
            completing: a_message_deferred_by_nothing_keeps_its_place,
            completing: a_refused_message_is_a_dead_letter_with_its_reason,
            completing: an_unknown_outcome_parks_the_message_and_is_counted,
            completing: the_same_completion_twice_is_one,
            completing: a_failure_told_twice_counts_once_for_the_breaker,
            completing: a_released_message_is_queued_at_its_place_and_costs_no_try,
            completing: a_whole_claim_is_released_by_its_token_alone,
            completing: the_legacy_column_mirrors_every_status,
            counting: an_empty_queue_counts_as_nothing,
            counting: each_status_is_counted_but_not_what_was_sent,
            counting: the_oldest_due_message_is_found_behind_every_priority,
            counting: a_scheduled_message_is_due_from_its_time_on,
            counting: a_date_to_come_is_no_age_below_zero,
            deriving: a_new_message_is_stored_with_what_follows_from_its_texts,
            deriving: a_row_written_by_sql_shows_what_its_start_will_store,
            deriving: each_message_of_a_claim_is_stored_with_its_own,
            deriving: a_text_that_was_changed_by_sql_is_counted_anew_until_it_is_sent,
            deriving: a_row_that_is_rejected_shows_what_is_computed,
            deriving: what_the_predecessor_sent_is_sent_as_it_is,
            deriving: texts_go_through_the_store_unchanged,
            doubting: a_message_parked_just_now_is_taken_at_once_with_all_that_is_known,
            doubting: only_sends_of_unknown_outcome_are_in_doubt_but_the_key_is_used_by_all,
            doubting: a_key_that_never_left_is_as_old_as_its_first_start,
            doubting: what_is_not_in_doubt_is_not_taken,
            doubting: what_is_not_in_doubt_takes_nobodys_turn,
            doubting: each_look_is_followed_by_a_longer_wait_up_to_a_cap,
            doubting: a_message_in_doubt_is_taken_by_one_caller_at_a_time,
            doubting: with_any_limit_every_message_has_its_turn,
            doubting: a_message_parked_anew_is_due_at_once_again,
            doubting: a_wait_from_a_clock_set_back_is_shortened,
            expiring: a_message_that_is_over_expires_instead_of_starting_and_costs_nothing,
            expiring: a_message_starts_until_the_moment_that_it_is_over,
            expiring: the_sweep_expires_while_no_send_may_start,
            expiring: the_sweep_takes_no_more_than_its_limit_longest_over_first,
            expiring: a_thousand_messages_that_are_over_cost_no_silence,
            expiring: a_message_that_waits_for_its_time_expires_all_the_same,
            expiring: only_a_queued_message_expires,
            expiring: a_message_that_may_have_been_sent_expires_with_its_doubt,
            expiring: a_resend_whose_time_is_over_expires_rather_than_staying_in_doubt,
            expiring: a_deferred_message_expires_while_it_waits,
            expiring: late_proof_of_acceptance_wins_over_an_expiry,
            expiring: a_requeue_takes_away_a_time_that_is_over_and_leaves_one_to_come,
            expiring: one_that_is_over_does_not_hold_up_its_recipient,
            terms: a_scheduled_message_starts_at_its_time_and_at_its_place,
            terms: a_message_enqueued_with_a_time_that_is_over_is_due_at_once,
            terms: a_higher_priority_goes_first,
            terms: a_higher_priority_goes_first_to_each_recipient,
            terms: what_was_asked_for_is_shown,
            settling: only_the_status_stops_a_settlement,
            settling: only_the_attempt_stops_an_earlier_settlement,
            settling: only_the_key_epoch_stops_a_settlement_for_another_key,
            settling: only_the_uuid_stops_a_settlement_for_an_id_given_away_again,
            settling: a_receipt_of_a_send_on_record_makes_it_sent,
            settling: a_receipt_of_no_send_on_record_is_no_proof,
            settling: the_providers_own_word_makes_it_sent,
            resending: a_resend_rejoins_at_its_place_under_the_same_key,
            resending: a_resend_whose_time_is_over_does_not_start_and_costs_nothing,
            resending: a_resend_starts_until_its_time_is_over,
            resending: the_time_of_a_resend_outlasts_a_deferral_and_a_release,
            resending: a_later_doubt_has_a_time_of_its_own,
            resending: an_operators_requeue_lifts_the_time_of_a_resend,
            settling: what_is_given_up_still_tells_that_it_may_have_been_sent,
            settling: a_finding_is_noted_and_the_message_stays_in_doubt,
            fencing: only_the_status_stops_a_late_deferral,
            fencing: only_the_token_stops_a_strangers_completion,
            fencing: only_the_attempt_stops_an_earlier_completion,
            fencing: only_the_uuid_stops_a_completion_for_an_id_given_away_again,
            fencing: only_the_status_keeps_what_has_ended_from_being_given_back,
            fencing: release_is_fenced_by_status_token_and_attempt_alike,
            fencing: late_proof_of_acceptance_wins_over_every_status,
            fencing: an_acceptance_without_an_attempt_on_record_is_no_proof,
            fencing: a_late_refusal_of_the_current_attempt_counts,
            fencing: a_late_refusal_of_an_earlier_attempt_does_not_count,
            fencing: only_the_attempt_stops_a_late_refusal_of_an_earlier_one,
            fencing: only_the_token_stops_a_strangers_late_refusal,
            invalid_rows: a_bad_row_is_rejected_with_its_reason_and_costs_nothing,
            invalid_rows: a_thousand_bad_rows_cost_no_silence,
            invalid_rows: a_queue_of_bad_rows_only_ends_empty,
            listing: messages_of_one_status_are_listed_oldest_first,
            listing: pages_list_every_message_of_a_status_exactly_once,
            listing: a_status_that_no_message_has_is_an_empty_list,
            operating: a_canceled_message_never_starts,
            operating: a_message_in_flight_refuses_every_command,
            operating: a_dead_letter_is_requeued_with_all_its_tries_under_a_new_key,
            operating: a_requeued_message_waits_for_nothing_and_rejoins_at_its_place,
            operating: only_force_requeues_what_may_have_been_sent,
            operating: the_age_of_a_key_counts_from_the_first_start_under_it,
            operating: a_send_that_never_left_uses_no_key,
            operating: a_message_resolved_as_sent_is_sent_with_the_id_that_is_known,
            operating: a_message_resolved_as_not_sent_is_a_dead_letter_without_a_doubt,
            operating: only_a_new_attempt_makes_what_an_operator_saw_outdated,
            operating: a_command_that_is_refused_or_repeated_changes_nothing,
            operating: late_proof_of_acceptance_wins_over_every_decision,
            operating: a_late_refusal_does_not_undo_a_decision,
            operating: a_message_that_is_not_there_is_not_found,
            ordering: priority_then_age_then_id_decides,
            ordering: strict_order_sends_one_at_a_time,
            ordering: strict_order_waits_for_what_began_without_an_order,
            ordering: one_recipient_with_many_messages_does_not_hold_up_the_claim,
            ordering: strict_order_goes_on_when_the_lease_ends,
            ordering: a_late_end_does_not_let_a_second_one_start_in_strict_order,
            ordering: recipient_order_never_sends_two_to_one_number,
            ordering: a_recipient_in_flight_does_not_hold_up_the_others,
            ordering: recipient_order_is_not_blocked_by_parked_or_scheduled_rows,
            ordering: recipient_order_knows_a_number_by_its_digits,
            ordering: no_order_starts_as_many_as_wanted,
            pacing: a_batch_then_nothing_until_one_period_after_its_last_send,
            pacing: replicas_share_one_quota,
            pacing: a_stop_and_start_does_not_refill_the_quota,
            pacing: a_new_pace_inherits_nothing_of_the_old_batch,
            pacing: a_restart_with_the_same_pace_leaves_the_batch_as_it_is,
            pacing: a_lost_send_counts_until_the_end_of_its_lease,
            pacing: a_release_does_not_refill_the_quota,
            pacing: giving_back_a_claim_that_never_took_effect_changes_nothing,
            pacing: a_throttled_provider_holds_all_sends,
            pacing: an_open_breaker_lets_one_probe_through_and_closes_when_it_succeeds,
            pacing: a_start_lets_an_open_breaker_probe_at_once,
            pacing: failures_of_all_replicas_open_the_breaker_together,
            pacing: a_clock_set_back_does_not_stop_the_service,
            rescuing: only_the_lease_keeps_a_message_from_rescue,
            rescuing: only_the_grace_keeps_a_message_from_rescue,
            rescuing: a_rescued_message_is_unconfirmed_and_counted,
            rescuing: a_rescue_takes_no_more_than_its_limit_oldest_first,
            rescuing: of_leases_that_end_together_the_oldest_message_is_rescued_first,
            rescuing: a_lease_from_a_clock_set_back_is_shortened,
            rescuing: a_rescued_message_is_never_claimed_again_by_itself,
            switching: nothing_starts_after_a_stop_until_a_start,
            switching: the_switch_tells_what_it_was,
            switching: a_stop_holds_without_a_quota_too,
            switching: the_snapshot_counts_what_is_in_flight,
            switching: the_last_policy_installed_is_obeyed_by_all,
        }
    };
}

/// Used by [`message_store_suite`].
#[doc(hidden)]
#[macro_export]
macro_rules! message_store_tests {
    ($new:path; $($module:ident: $name:ident,)+) => {
        $(
            #[$crate::tokio::test(crate = "dispatcher_contract::tokio")]
            async fn $name() {
                let fixture = $new().await;
                $crate::message_store::$module::$name(&fixture).await;
            }
        )+
    };
}
