//! The model beside the memory store, on random walks: each step of the protocol
//! is played on both, and both must show the same rows afterwards. The contract
//! suites hold the memory store to what PostgreSQL and SQLite do.

use crate::{
    Scope,
    action::Action,
    answer::Answer,
    guard::Guards,
    promise::Promise,
    protocol::Protocol,
    scopes::QUICK,
    state::{Claim, Decided, End, Row, State, Token, Work},
    time::{GRACE, KEY_WINDOW, LEASE, Steps, length},
};
use dispatcher_domain::{
    CachedReceipt, ClaimRequest, ClaimResult, Completion, Effect, Evidence, InDoubt, InstanceName,
    Lease, LeaseToken, LookUp, MessageId, MessageLimits, ProbeBackoff, ProviderSignal, Resolution,
    Status,
    ports::{Decided as Ruled, DispatchControl, DoubtfulMessages, MessageControl, MessageRepo},
};
use dispatcher_memory::MemoryStore;
use futures_util::FutureExt;
use jiff::Timestamp;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};
use uuid::Uuid;

const WALKS: u64 = 400;
const STEPS: usize = 120;

/// Both, and what ties the names of one to those of the other.
struct Pair {
    model: Protocol,
    state: State,
    store: MemoryStore,
    clock: Arc<AtomicI64>,
    ids: Vec<MessageId>,
    tokens: HashMap<Token, LeaseToken>,
    taken: Option<(InDoubt, Resolution)>,
    claims: u128,
}

/// The store is in memory: nothing is waited for.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("a store in memory answers at once")
}

impl Pair {
    fn new(scope: Scope) -> Self {
        let clock = Arc::new(AtomicI64::new(1_000_000));
        let time = Arc::clone(&clock);
        let store = MemoryStore::new(move || Timestamp::from_second(time.load(Relaxed)).unwrap());
        at_once(store.install_policy(scope.pace())).unwrap();
        let number = |message| format!("+9055500000{:02}", scope.recipient(message));
        let messages = 0..usize::from(scope.messages);
        let ids = messages.map(|it| store.insert_unchecked(&number(it), "a text")).collect();
        let model = Protocol::new(scope, Guards::all());
        let state = State::first(&scope);
        Self { model, state, store, clock, ids, tokens: HashMap::new(), taken: None, claims: 0 }
    }

    /// One step of both; `false` when the model does not go there.
    fn step(&mut self, action: Action) -> bool {
        let before = self.state;
        let after = self.model.play(&before, action);
        self.state = after.unwrap_or(before);
        match action {
            Action::Tick => drop(self.clock.fetch_add(1, Relaxed)),
            Action::Start(_) | Action::Land(_) => self.start(&before),
            Action::StartUnheard { landed: true, .. } => self.start(&before),
            Action::Look(replica) => self.look(&before, replica),
            Action::Record { replica, .. } => self.record(&before, replica),
            Action::GiveBack(replica) => {
                let unsure = before.replicas[replica].unsure.unwrap();
                if unsure.landed {
                    let token = self.tokens[&unsure.token];
                    at_once(self.store.release_claim(token)).unwrap();
                }
            }
            Action::Rescue(_) => self.rescue(),
            Action::TakeDoubt(message) => self.take(message),
            Action::Settle => {
                let (doubt, resolution) = self.taken.take().unwrap();
                at_once(self.store.settle(&doubt, &resolution)).unwrap();
            }
            Action::Stop | Action::Resume => {
                at_once(self.store.set_enabled(action == Action::Resume)).unwrap();
            }
            Action::Operator(message, command) => {
                let request = command.request();
                let call = self.store.decide(self.ids[message], &request, length(KEY_WINDOW));
                let changed = matches!(at_once(call).unwrap(), Ruled::Done(it) if it.changed);
                assert_eq!(changed, after.is_some(), "{command:?}");
            }
            _ => {}
        }
        after.is_some()
    }

    fn start(&mut self, before: &State) {
        self.claims += 1;
        let token = LeaseToken(Uuid::from_u128(self.claims));
        let request = ClaimRequest {
            want: 1,
            token,
            lease: length(LEASE),
            instance: InstanceName::new("walker"),
            limits: MessageLimits::default(),
        };
        let claim = at_once(self.store.claim_due(&request)).unwrap();
        let started = self.ids.iter().zip(self.state.rows).zip(before.rows);
        let started: Vec<_> = started
            .filter(|((_, is), was)| is.attempt > was.attempt)
            .map(|((id, is), _)| (*id, i32::from(is.attempt), is.token))
            .collect();
        let theirs = match claim.result {
            ClaimResult::Started(messages) => messages,
            _ => Vec::new(),
        };
        let theirs: Vec<_> = theirs.iter().map(|it| (it.id, it.lease.attempt)).collect();
        let ours: Vec<_> = started.iter().map(|(id, attempt, _)| (*id, *attempt)).collect();
        assert_eq!(ours, theirs, "what started");
        self.tokens.extend(started.iter().map(|(_, _, name)| (*name, token)));
    }

    fn lease(&self, claim: &Claim) -> (MessageId, Lease) {
        let id = self.ids[usize::from(claim.message)];
        let lease = Lease {
            uuid: self.store.edit(id, |row| row.uuid).unwrap(),
            token: self.tokens[&claim.token],
            attempt: i32::from(claim.attempt),
            paced: !self.model.scope.is_gated(),
        };
        (id, lease)
    }

    fn look(&self, before: &State, replica: usize) {
        if self.state.replicas[replica].work == Work::Idle {
            let (id, lease) = self.lease(before.replicas[replica].work.claim().unwrap());
            at_once(self.store.release(id, &lease)).unwrap();
        }
    }

    fn record(&self, before: &State, replica: usize) {
        let Work::Told(claim, answer) = before.replicas[replica].work else { panic!("an answer") };
        let (id, lease) = self.lease(&claim);
        let outcome = answer.outcome();
        let effect = Effect::of(&outcome, 1, &Scope::retry(), 0.0);
        let completion = Completion { outcome, effect, signal: ProviderSignal::Alive };
        at_once(self.store.record_outcome(id, &lease, &completion)).unwrap();
    }

    /// All at once, as the store does it.
    fn rescue(&mut self) {
        for message in 0..self.ids.len() {
            if self.model.is_abandoned(&self.state.rows[message]) {
                self.state = self.model.play(&self.state, Action::Rescue(message)).unwrap();
            }
        }
        at_once(self.store.rescue_expired(length(GRACE), u32::MAX)).unwrap();
    }

    fn take(&mut self, message: usize) {
        let backoff = ProbeBackoff { base: Duration::ZERO, cap: Duration::ZERO };
        let taken = at_once(self.store.take_in_doubt(u32::MAX, &backoff)).unwrap();
        let doubt =
            taken.into_iter().find(|it| it.id == self.ids[message]).expect("it is in doubt");
        let row = self.state.rows[message];
        let receipt = usize::from(row.receipt).checked_sub(1).map(|index| row.attempts[index]);
        let receipt = receipt.filter(|it| it.epoch == row.epoch).map(|it| CachedReceipt {
            attempt: i32::from(row.receipt),
            token: self.tokens[&it.token],
            provider_message_id: None,
        });
        let evidence = receipt
            .and_then(|receipt| Evidence::of_receipt(&doubt, receipt))
            .unwrap_or_else(|| Evidence::of_look_up(LookUp::Unsupported, true));
        let resolution = self.model.scope.resolution(true).decide(&doubt, evidence, 0.0);
        let ours = self.state.doubt.map(|it| it.decided);
        match &resolution {
            Resolution::Sent { .. } => assert_eq!(ours, Some(Decided::Sent(row.receipt))),
            Resolution::Resend { until, .. } => {
                let until = until.map(|until| self.steps_to(until));
                assert_eq!(ours, Some(Decided::Resend(until)));
            }
            Resolution::Fail => assert_eq!(ours, Some(Decided::Fail)),
            Resolution::Wait { .. } => assert_eq!(ours, None),
        }
        self.taken = ours.map(|_| (doubt, resolution));
    }

    fn steps_to(&self, moment: Timestamp) -> Steps {
        let steps = moment.as_second() - self.clock.load(Relaxed);
        Steps::try_from(steps.clamp(-100, 100)).unwrap()
    }

    fn compare(&self) {
        for (id, row) in self.ids.iter().zip(&self.state.rows) {
            let theirs = self.store.edit(*id, |row| row.clone()).unwrap();
            let left = |until: Timestamp, least| self.steps_to(until).max(least);
            assert_eq!(theirs.status, row.status, "status");
            assert_eq!(theirs.attempt, i32::from(row.attempt), "attempt");
            assert_eq!(theirs.unknown_outcomes, i32::from(row.unknown), "unknown outcomes");
            assert_eq!(theirs.tries_used, i32::from(row.tries), "tries");
            assert_eq!(theirs.key_epoch, i32::from(row.epoch), "key");
            assert_eq!(theirs.lease_until.map(|it| left(it, -GRACE - 1)), row.lease, "lease");
            assert_eq!(theirs.resend_until.map(|it| left(it, 0)), row.resend, "resend until");
            assert_eq!(theirs.lease_token, self.tokens.get(&row.token).copied(), "token");
            let ends: Vec<_> = self.store.attempts(*id).iter().map(|it| it.outcome).collect();
            assert_eq!(ends, ends_of(row), "attempts");
        }
        let theirs = at_once(self.store.snapshot()).unwrap().state;
        let ours = &self.state.control;
        assert_eq!((theirs.enabled, theirs.quota_left), (ours.enabled, ours.quota_left.into()));
        let busy = theirs.busy.map(|busy| self.steps_to(busy.until));
        let least = -self.model.scope.period();
        assert_eq!(busy.map(|it| it.max(least)), ours.busy.map(|(_, left)| left), "busy");
        if self.model.scope.period > 0 {
            assert_eq!(self.steps_to(theirs.next_tick_at).max(0), ours.next_tick, "next tick");
        }
    }

    /// The model does not play on with a message that has had all its attempts.
    fn is_at_its_end(&self) -> bool {
        let spent =
            |row: &Row| row.status == Status::Queued && row.attempt >= self.model.scope.attempts;
        self.state.rows[..self.ids.len()].iter().any(spent)
    }
}

fn ends_of(row: &Row) -> Vec<Option<&'static str>> {
    let word = |end| match end {
        End::None => None,
        End::Released => Some("released"),
        End::Abandoned => Some("abandoned"),
        End::Told(answer) => Some(Answer::outcome(answer).class().as_str()),
    };
    row.attempts.iter().filter(|it| it.token != 0).map(|it| word(it.end)).collect()
}

#[test]
fn the_model_and_the_memory_store_agree_at_every_step() {
    let mut played = HashMap::new();
    for (scope, seed) in QUICK.iter().flat_map(|scope| (0..WALKS).map(move |it| (scope, it))) {
        // Ends in calm are looked at elsewhere.
        let mut pair = Pair::new(Scope { calm: false, ..*scope });
        let mut dice = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        for _ in 0..STEPS {
            let mut possible = Vec::new();
            pair.model.possible(&pair.state, &mut possible);
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let action = possible[usize::try_from(dice >> 33).unwrap() % possible.len()];
            if pair.step(action) {
                *played.entry(std::mem::discriminant(&action)).or_insert(0) += 1;
            }
            pair.compare();
            let broken = Promise::ALL.into_iter().find(|it| pair.state.broken().has(*it));
            assert_eq!(broken, None, "{action}");
            if pair.is_at_its_end() {
                break;
            }
        }
    }
    assert_eq!(played.len(), 18, "every action is played");
}
