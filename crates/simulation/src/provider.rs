//! The provider: what it accepts is in its ledger, whatever it answers.

use crate::{
    check::Witness,
    plan::{DEADLINE, Plan},
    schedule::{ReplicaId, Schedule},
};
use async_trait::async_trait;
use dispatcher_domain::{
    ClaimedMessage, IdempotencyKey, LookUp, ProviderMessageId, SendOutcome, UnknownCause,
    ports::SmsGateway,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::oneshot;

/// The line of one replica to the provider.
pub(crate) struct LineToProvider {
    pub(crate) schedule: Schedule,
    pub(crate) owner: ReplicaId,
    pub(crate) plan: Plan,
    pub(crate) witness: Arc<Witness>,
}

/// What the provider does with a POST, and what it says.
#[derive(Debug, Clone)]
enum Behaviour {
    Accepts,
    AcceptsWithoutAnId,
    /// It accepts, or not, and nobody hears of it.
    Unknown {
        accepts: bool,
    },
    /// It says this, and accepts nothing.
    Says(SendOutcome),
    /// It is not reached.
    NotReached,
}

impl LineToProvider {
    fn draw(&self) -> Behaviour {
        let chance = &self.schedule.chance;
        if !self.witness.draws_a_fault(chance) {
            return Behaviour::Accepts;
        }
        match chance.below(10) {
            0 => Behaviour::AcceptsWithoutAnId,
            1..5 => Behaviour::Unknown { accepts: chance.in_a_thousand(600) },
            5 => Behaviour::Says(SendOutcome::Refused { http_status: 400 }),
            6 => Behaviour::Says(SendOutcome::Misconfigured { http_status: 401 }),
            7 => {
                let retry_after = chance.one_of(&[None, Some(Duration::from_secs(2))]);
                Behaviour::Says(SendOutcome::RateLimited { http_status: 429, retry_after })
            }
            8 => Behaviour::Says(SendOutcome::NotSent {
                reason: "provider_503".to_owned(),
                http_status: Some(503),
                retry_after: None,
            }),
            _ => Behaviour::NotReached,
        }
    }

    /// What has left arrives, whatever becomes of who sent it.
    async fn arrives(&self, message: &ClaimedMessage, accepts: bool) {
        let (arrived, heard) = oneshot::channel();
        let (schedule, witness) = (self.schedule.clone(), Arc::clone(&self.witness));
        let message = message.clone();
        let honours_keys = self.plan.idempotent;
        tokio::spawn(async move {
            schedule.turn(None, "a POST arrives").await;
            witness.saw_arrival(&message, accepts, honours_keys);
            // Whoever sent it may be gone.
            let _ = arrived.send(());
        });
        let _ = heard.await;
    }
}

#[async_trait]
impl SmsGateway for LineToProvider {
    async fn send(&self, message: &ClaimedMessage) -> SendOutcome {
        self.witness.saw_post(message);
        let behaviour = self.draw();
        self.schedule.turn(Some(self.owner), "POSTs").await;
        self.schedule.history.tell(|| {
            format!(
                "{:>18} message {}, attempt {}: {behaviour:?}",
                "", message.id, message.lease.attempt
            )
        });
        let outcome = match behaviour {
            Behaviour::NotReached => SendOutcome::NotSent {
                reason: "connect_failed".to_owned(),
                http_status: None,
                retry_after: None,
            },
            Behaviour::Accepts => {
                self.arrives(message, true).await;
                let provider_message_id = ProviderMessageId::parse(message.key.as_str());
                SendOutcome::Accepted { provider_message_id, http_status: 200 }
            }
            Behaviour::AcceptsWithoutAnId => {
                self.arrives(message, true).await;
                SendOutcome::Accepted { provider_message_id: None, http_status: 200 }
            }
            Behaviour::Says(outcome) => {
                self.arrives(message, false).await;
                outcome
            }
            Behaviour::Unknown { accepts } => {
                // Its time-out may end before the POST arrives.
                tokio::select! {
                    biased;
                    () = self.arrives(message, accepts) => {}
                    () = self.schedule.wait(Some(self.owner), DEADLINE, "gives up") => {}
                }
                SendOutcome::Unknown { cause: UnknownCause::Timeout, http_status: None }
            }
        };
        self.schedule.turn(Some(self.owner), "has its answer").await;
        outcome
    }

    async fn look_up(&self, key: &IdempotencyKey) -> LookUp {
        if !self.plan.look_ups {
            return LookUp::Unsupported;
        }
        self.schedule.turn(Some(self.owner), "asks the provider").await;
        if self.witness.draws_a_fault(&self.schedule.chance) {
            return LookUp::Failed;
        }
        match (self.witness.has_accepted(key), ProviderMessageId::parse(key.as_str())) {
            (true, Some(provider_message_id)) => LookUp::Accepted { provider_message_id },
            _ => LookUp::NotKnown,
        }
    }

    fn deadline(&self) -> Duration {
        DEADLINE
    }
}
