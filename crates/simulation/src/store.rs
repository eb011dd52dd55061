//! The store as one replica reaches it: every call may fail in every way that a
//! database and the line to it know.

use crate::{
    check::Witness,
    schedule::{ReplicaId, Schedule},
};
use async_trait::async_trait;
use dispatcher_domain::{
    Claim, ClaimRequest, ClaimResult, Completion, DispatchPolicy, InDoubt, Lease, LeaseToken,
    MessageId, NewMessage, OperatorRequest, ProbeBackoff, Resolution, Terms,
    ports::{
        ControlSnapshot, Decided, DispatchControl, DoubtfulMessages, Enqueued, MessageControl,
        MessageRepo, Recorded, Rescued, StoreError,
    },
};
use dispatcher_memory::MemoryStore;
use futures_util::FutureExt;
use std::{sync::Arc, time::Duration};

/// The store, and the line to it.
#[derive(Clone)]
pub(crate) struct LineToStore {
    pub(crate) store: MemoryStore,
    pub(crate) schedule: Schedule,
    pub(crate) owner: ReplicaId,
    pub(crate) witness: Arc<Witness>,
}

/// What becomes of one call.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// It is answered.
    Answered,
    /// It is refused, and has no effect.
    Refused,
    /// It has no effect, and nobody says so.
    Lost,
    /// It has its effect, and nobody says so.
    Unanswered,
    /// It has its effect after its caller has given up.
    Late,
}

const FATES: [Fate; 4] = [Fate::Refused, Fate::Lost, Fate::Unanswered, Fate::Late];

impl LineToStore {
    /// One call. `effect` is the transaction: it happens at once, or not at all.
    async fn call<T: Send + 'static>(
        &self,
        what: &'static str,
        effect: impl FnOnce(&MemoryStore) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        self.call_with(what, &FATES, effect).await
    }

    /// The same with these fates alone.
    async fn call_with<T: Send + 'static>(
        &self,
        what: &'static str,
        fates: &[Fate],
        effect: impl FnOnce(&MemoryStore) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        self.schedule.turn(Some(self.owner), what).await;
        let fate = self.draw(fates);
        self.schedule.history.tell(|| format!("{:>18} {what}: {fate:?}", ""));
        match fate {
            Fate::Answered => {
                let answer = effect(&self.store);
                self.schedule.turn(Some(self.owner), "is answered").await;
                Ok(answer)
            }
            Fate::Refused => Err(StoreError::Unavailable("refused".into())),
            Fate::Lost => Err(StoreError::Unconfirmed("lost".into())),
            Fate::Unanswered => {
                effect(&self.store);
                Err(StoreError::Unconfirmed("unanswered".into()))
            }
            Fate::Late => {
                let (store, schedule) = (self.store.clone(), self.schedule.clone());
                tokio::spawn(async move {
                    schedule.turn(None, "a late call takes effect").await;
                    effect(&store);
                });
                Err(StoreError::Unconfirmed("late".into()))
            }
        }
    }

    fn draw(&self, fates: &[Fate]) -> Fate {
        if !self.witness.draws_a_fault(&self.schedule.chance) {
            return Fate::Answered;
        }
        self.schedule.chance.one_of(fates)
    }
}

/// A memory store answers at once.
fn at_once<T>(call: impl Future<Output = Result<T, StoreError>>) -> T {
    let answer = call.now_or_never().and_then(Result::ok);
    answer.expect("a memory store answers at once, and never fails")
}

#[async_trait]
impl MessageRepo for LineToStore {
    async fn enqueue(&self, message: &NewMessage, terms: &Terms) -> Result<Enqueued, StoreError> {
        let (message, terms) = (message.clone(), *terms);
        self.call("enqueues", move |store| at_once(store.enqueue(&message, &terms))).await
    }

    async fn claim_due(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        self.witness.saw_claim(self.owner);
        let (request, witness) = (request.clone(), Arc::clone(&self.witness));
        let claim = self.call("claims", move |store| {
            let queue = witness.queue();
            let claim = at_once(store.claim_due(&request));
            if let ClaimResult::Started(started) = &claim.result {
                witness.saw_start(&queue, started);
            }
            claim
        });
        claim.await
    }

    async fn record_outcome(
        &self,
        id: MessageId,
        lease: &Lease,
        completion: &Completion,
    ) -> Result<Recorded, StoreError> {
        let (lease, completion) = (lease.clone(), completion.clone());
        let witness = Arc::clone(&self.witness);
        let record = move |store: &MemoryStore| {
            let before = witness.queue();
            let recorded = at_once(store.record_outcome(id, &lease, &completion));
            witness.saw_end(&before, &lease, &completion.effect);
            recorded
        };
        self.call("records", record).await
    }

    async fn release(&self, id: MessageId, lease: &Lease) -> Result<bool, StoreError> {
        let (lease, witness) = (lease.clone(), Arc::clone(&self.witness));
        let release = move |store: &MemoryStore| {
            let before = witness.queue();
            let released = at_once(store.release(id, &lease));
            witness.saw_release(&before, &lease);
            released
        };
        self.call("releases", release).await
    }

    async fn release_claim(&self, token: LeaseToken) -> Result<u64, StoreError> {
        let witness = Arc::clone(&self.witness);
        let release = move |store: &MemoryStore| {
            let before = witness.queue();
            let released = at_once(store.release_claim(token));
            witness.saw_release_of(&before, token);
            released
        };
        self.call("gives back", release).await
    }

    async fn expire_overdue(&self, limit: u32) -> Result<Vec<MessageId>, StoreError> {
        self.call("expires", move |store| at_once(store.expire_overdue(limit))).await
    }

    async fn rescue_expired(
        &self,
        grace: Duration,
        limit: u32,
    ) -> Result<Vec<Rescued>, StoreError> {
        self.call("rescues", move |store| at_once(store.rescue_expired(grace, limit))).await
    }
}

#[async_trait]
impl DispatchControl for LineToStore {
    async fn set_enabled(&self, enabled: bool) -> Result<bool, StoreError> {
        // Never late: who has turned it holds its lock until it is committed, and
        // the next one waits.
        let fates = &FATES[..3];
        self.call_with("switches", fates, move |store| at_once(store.set_enabled(enabled))).await
    }

    async fn install_policy(&self, policy: DispatchPolicy) -> Result<(), StoreError> {
        self.call("installs", move |store| at_once(store.install_policy(policy))).await
    }

    async fn snapshot(&self) -> Result<ControlSnapshot, StoreError> {
        self.call("looks", |store| at_once(store.snapshot())).await
    }
}

#[async_trait]
impl DoubtfulMessages for LineToStore {
    async fn take_in_doubt(
        &self,
        limit: u32,
        backoff: &ProbeBackoff,
    ) -> Result<Vec<InDoubt>, StoreError> {
        let backoff = *backoff;
        let take = move |store: &MemoryStore| at_once(store.take_in_doubt(limit, &backoff));
        self.call("takes what is in doubt", take).await
    }

    async fn settle(&self, doubt: &InDoubt, resolution: &Resolution) -> Result<bool, StoreError> {
        let (doubt, resolution) = (doubt.clone(), resolution.clone());
        self.call("settles", move |store| at_once(store.settle(&doubt, &resolution))).await
    }
}

#[async_trait]
impl MessageControl for LineToStore {
    async fn decide(
        &self,
        id: MessageId,
        request: &OperatorRequest,
        key_window: Duration,
    ) -> Result<Decided, StoreError> {
        let request = request.clone();
        let witness = Arc::clone(&self.witness);
        self.call("decides", move |store| {
            let decided = at_once(store.decide(id, &request, key_window));
            witness.saw_decision(id, &request, &decided);
            decided
        })
        .await
    }
}
