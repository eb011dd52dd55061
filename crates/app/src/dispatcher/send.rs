//! One message: POST it once, then record how that ended.

use super::{Dispatcher, breaker_watch::Hint, report::Sent};
use crate::advice::what_to_check_of_a_refusal;
use dispatcher_domain::{
    ClaimedMessage, Completion, Effect, ProviderSignal, SendOutcome, StatusReason, UnknownCause,
    ports::{Recorded, StoreError},
};
use futures_util::FutureExt;
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, PoisonError},
    time::Duration,
};

/// First and longest wait between two tries to record an outcome.
const RECORD_AGAIN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

impl Dispatcher {
    /// POSTs `message`, claimed when the clock read `claimed_at`.
    pub(super) async fn send(
        self: Arc<Self>,
        message: ClaimedMessage,
        claimed_at: Duration,
    ) -> Sent {
        if !self.lease_covers_a_send(claimed_at) {
            return self.release(&message).await;
        }
        let outcome = self.post(&message).await;
        let completion = self.judge(&message, outcome);
        // Together: the message is safe when either store has it.
        self.receipts.begin(&self.ports, &message, &completion);
        let recorded = self.record(&message, &completion, claimed_at + self.config.lease).await;
        tracing::debug!(
            id = %message.id,
            attempt = message.lease.attempt,
            outcome = completion.outcome.class().as_str(),
            ?recorded,
            "send ended"
        );
        match completion.signal {
            ProviderSignal::Trip { .. } => self.breaker.look(&self.ports, Hint::Open).await,
            ProviderSignal::Failing { .. } => self.breaker.look_again(&self.ports).await,
            _ => {}
        }
        match recorded {
            None => Sent::Unrecorded,
            Some(Recorded::Fenced) => Sent::Fenced,
            Some(Recorded::Applied | Recorded::AppliedLate) => match completion.effect {
                Effect::Sent { .. } => Sent::Accepted,
                Effect::Requeue { .. } => Sent::Deferred,
                Effect::Fail { reason } => {
                    tell(&message, &reason, "the provider refused a message: failed");
                    Sent::Failed
                }
                Effect::Park { reason } => {
                    tell(&message, &reason, "nobody knows whether a message was sent: unconfirmed");
                    Sent::Parked
                }
            },
        }
    }

    /// Past this, another replica may take the message for abandoned while
    /// our POST is still on the wire.
    fn lease_covers_a_send(&self, claimed_at: Duration) -> bool {
        let needed = self.ports.gateway.deadline() + self.config.lease_margin;
        self.ports.clock.monotonic() + needed <= claimed_at + self.config.lease
    }

    /// A panic in one send must harm no other.
    async fn post(&self, message: &ClaimedMessage) -> SendOutcome {
        let post = AssertUnwindSafe(self.ports.gateway.send(message)).catch_unwind();
        post.await.unwrap_or_else(|_| {
            tracing::error!(id = %message.id, "the gateway panicked; outcome unknown");
            SendOutcome::Unknown { cause: UnknownCause::Panic, http_status: None }
        })
    }

    fn judge(&self, message: &ClaimedMessage, outcome: SendOutcome) -> Completion {
        let mut seen = self.provider.lock().unwrap_or_else(PoisonError::into_inner);
        let told = self.config.breaker.judge(&mut seen, &outcome);
        // All messages wait for a throttle, so its backoff counts the provider's
        // answers, not what this message has been through.
        let tries = match outcome {
            SendOutcome::RateLimited { .. } => seen.rate_limited_in_a_row(),
            _ => message.lease.attempt.unsigned_abs(),
        };
        drop(seen);
        let effect = Effect::of(&outcome, tries, &self.config.retry, self.ports.entropy.unit());
        let signal = match (&outcome, &effect) {
            // All messages would be told the same: slow down together.
            (SendOutcome::RateLimited { .. }, Effect::Requeue { after, .. }) => {
                ProviderSignal::SlowDown { wait: *after }
            }
            _ => told,
        };
        Completion { outcome, effect, signal }
    }

    /// Tells the store, as long as it takes: within the lease so that the row
    /// is ours, and beyond it because proof of acceptance always counts.
    /// `None` when the store will not understand.
    async fn record(
        &self,
        message: &ClaimedMessage,
        completion: &Completion,
        lease_end: Duration,
    ) -> Option<Recorded> {
        let mut wait = RECORD_AGAIN.0;
        let mut alarm = true;
        loop {
            let call = self.ports.messages.record_outcome(message.id, &message.lease, completion);
            match call.await {
                Ok(recorded) => return Some(recorded),
                Err(error) => self.not_recorded(message, completion, &error, wait).await?,
            }
            if alarm && self.ports.clock.monotonic() >= lease_end {
                alarm = false;
                let (id, outcome) = (&message.id, completion.outcome.class().as_str());
                tracing::error!(
                    %id,
                    outcome,
                    "ALARM: a lease is over and the outcome of its send is not recorded: bring \
                     the database back before this process ends, or only a receipt tells it"
                );
            }
            wait = (wait * 2).min(RECORD_AGAIN.1);
        }
    }

    async fn not_recorded(
        &self,
        message: &ClaimedMessage,
        completion: &Completion,
        error: &StoreError,
        wait: Duration,
    ) -> Option<()> {
        tracing::warn!(
            id = %message.id,
            outcome = completion.outcome.class().as_str(),
            error = error as &dyn std::error::Error,
            "the outcome of a send is not recorded yet"
        );
        if !error.is_transient() {
            return None;
        }
        self.ports.clock.sleep(wait).await;
        Some(())
    }

    async fn release(&self, message: &ClaimedMessage) -> Sent {
        match self.ports.messages.release(message.id, &message.lease).await {
            Ok(true) => Sent::Released,
            Ok(false) => Sent::Fenced,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(id = %message.id, error, "a message was not given back yet");
                let hold = self.config.lease + self.config.rescue_grace;
                self.give_backs.begin_one(&self.ports, message, hold);
                Sent::Released
            }
        }
    }
}

/// Somebody will have to look at it.
fn tell(message: &ClaimedMessage, reason: &StatusReason, what: &'static str) {
    let (id, attempt) = (message.id, message.lease.attempt);
    let check = what_to_check_of_a_refusal(reason);
    tracing::warn!(%id, attempt, reason = reason.as_str(), check, "{what}");
}
