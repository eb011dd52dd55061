//! The promises, checked from outside after every turn.

use crate::{
    chance::Chance,
    clock::store_time,
    life::Lives,
    pace,
    plan::{LEASE, Plan},
    schedule::{ReplicaId, Schedule},
};
use dispatcher_domain::{
    ClaimedMessage, DeliveryPolicy, IdempotencyKey, MessageId, Ordering, Status,
};
use dispatcher_memory::{AttemptRow, MemoryStore, MessageRow};
use jiff::Timestamp;
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

/// Sees everything, and remembers what proves a promise broken.
pub(crate) struct Witness {
    plan: Plan,
    pub(crate) store: MemoryStore,
    pub(crate) schedule: Schedule,
    calm: AtomicBool,
    seen: Mutex<Seen>,
}

#[derive(Default)]
pub(crate) struct Seen {
    /// What the provider accepted: SMS, by message.
    pub(crate) accepted: HashMap<MessageId, usize>,
    /// The keys of those, and since when the provider remembers them.
    keys: HashMap<String, Duration>,
    /// POSTs, by message.
    posts: HashMap<MessageId, usize>,
    /// What operators took upon themselves.
    pub(crate) vouched: HashMap<MessageId, Vouched>,
    /// After a stop has answered: so many STARTs there were.
    silence: Option<usize>,
    /// STARTs at the last look.
    starts: usize,
    /// The rows at the last look.
    lives: Lives,
    /// Replicas that were asked to end.
    pub(crate) leaving: HashSet<ReplicaId>,
    /// The first promise that was broken.
    broken: Option<String>,
}

/// What an operator took upon themselves.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Vouched {
    /// So many second SMS were risked.
    pub(crate) risked: usize,
    /// So many were accepted when somebody said that nothing was, or that it
    /// should be sent again.
    pub(crate) before: usize,
    /// Somebody said that it was sent.
    pub(crate) sent: bool,
    /// Somebody said, last, that nothing was: whatever arrives yet.
    pub(crate) not_sent: bool,
}

/// The queue just before a START.
pub(crate) struct Queue(pub(crate) Vec<MessageRow>);

impl Witness {
    pub(crate) fn new(plan: Plan, store: MemoryStore, schedule: Schedule) -> Self {
        Self { plan, store, schedule, calm: AtomicBool::new(false), seen: Mutex::default() }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn draws_a_fault(&self, chance: &Chance) -> bool {
        !self.calm.load(Relaxed) && chance.in_a_thousand(self.plan.faults)
    }

    pub(crate) fn calm_down(&self) {
        self.calm.store(true, Relaxed);
    }

    /// All rows.
    pub(crate) fn rows(&self) -> Vec<MessageRow> {
        let row = |id| self.store.edit(MessageId(id), |row| row.clone());
        (1..).map_while(row).collect()
    }

    pub(crate) fn queue(&self) -> Queue {
        Queue(self.rows())
    }

    /// A START: P7, and what goes with it.
    pub(crate) fn saw_start(&self, queue: &Queue, started: &[ClaimedMessage]) {
        let now = store_time(&self.schedule);
        let ordering = self.plan.policy.ordering;
        let in_flight = |row: &&MessageRow| row.status == Status::Sending;
        let mut taken: HashSet<&str> =
            queue.0.iter().filter(in_flight).map(|row| row.phone_number.as_str()).collect();
        let mut due: Vec<&MessageRow> = queue.0.iter().filter(|row| is_due(row, now)).collect();
        due.sort_by_key(|row| (std::cmp::Reverse(row.priority), row.created_at, row.id));
        let mut expected = Vec::new();
        for row in due {
            let free = ordering != Ordering::Recipient || taken.insert(row.phone_number.as_str());
            if free && expected.len() < started.len() {
                expected.push(row.id);
            }
        }
        let started: Vec<_> = started.iter().map(|message| message.id).collect();
        self.demand(started == expected, || {
            format!("P7: {started:?} started, and the queue was {expected:?}")
        });
    }

    /// A POST reached the provider.
    pub(crate) fn saw_arrival(&self, message: &ClaimedMessage, accepts: bool, honours_keys: bool) {
        let lease = &message.lease;
        let attempts = self.store.attempts(message.id);
        let start = attempts
            .iter()
            .find(|attempt| attempt.attempt == lease.attempt && attempt.lease_token == lease.token);
        self.demand(start.is_some(), || format!("P1: a POST without a START: {message:?}"));
        // Its replica stood still between its look at the lease and the POST. That
        // none is so late is what P2 assumes where keys are forgotten.
        let is_late = start.is_some_and(|it| it.started_at + LEASE < store_time(&self.schedule));
        let (now, window) = (self.schedule.now(), self.plan.key_window);
        let mut seen = self.seen();
        *seen.posts.entry(message.id).or_default() += 1;
        if !accepts {
            return;
        }
        let known_since = seen.keys.get(message.key.as_str());
        let remembers = |since: &Duration| is_late || now - *since < window;
        let is_known = honours_keys && known_since.is_some_and(remembers);
        if !is_known {
            seen.keys.insert(message.key.as_str().to_owned(), now);
            *seen.accepted.entry(message.id).or_default() += 1;
        }
    }

    pub(crate) fn has_accepted(&self, key: &IdempotencyKey) -> bool {
        self.seen().keys.contains_key(key.as_str())
    }

    /// A stop has answered: from now on nothing starts.
    pub(crate) fn silence_begins(&self) {
        let starts = self.attempts().len();
        self.seen().silence = Some(starts);
    }

    /// Somebody is about to say start.
    pub(crate) fn silence_ends(&self) {
        self.seen().silence = None;
    }

    fn attempts(&self) -> Vec<AttemptRow> {
        let of = |row: MessageRow| self.store.attempts(row.id);
        self.rows().into_iter().flat_map(of).collect()
    }

    /// Looks at everything; the first promise that is broken, if one is.
    pub(crate) fn look(&self) -> Option<String> {
        let attempts = self.attempts();
        let news = std::mem::replace(&mut self.seen().starts, attempts.len()) != attempts.len();
        if news {
            let hasty = pace::broken(&self.plan.policy, &attempts);
            self.demand(hasty.is_none(), || hasty.unwrap_or_default());
            let silence = self.seen().silence;
            self.demand(silence.is_none_or(|starts| attempts.len() <= starts), || {
                "P8: something started after a stop had answered".to_owned()
            });
        }
        let rows = self.rows();
        let wrong = self.seen().lives.look(&rows, store_time(&self.schedule));
        self.demand(wrong.is_none(), || wrong.unwrap_or_default());
        self.one_at_a_time(&rows);
        for row in &rows {
            self.counts(row);
        }
        self.seen().broken.clone()
    }

    /// P7: what is in flight at once.
    fn one_at_a_time(&self, rows: &[MessageRow]) {
        let now = store_time(&self.schedule);
        let in_flight = rows.iter().filter(|row| row.status == Status::Sending);
        match self.plan.policy.ordering {
            Ordering::Strict => {
                let leased =
                    in_flight.filter(|row| row.lease_until.is_some_and(|until| until > now));
                let count = leased.count();
                self.demand(count <= 1, || format!("P7: {count} in flight at once"));
            }
            Ordering::Recipient => {
                let mut recipients = HashSet::new();
                for row in in_flight {
                    self.demand(recipients.insert(&row.phone_number), || {
                        "P7: two to one recipient at once".to_owned()
                    });
                }
            }
            Ordering::None => {}
        }
    }

    /// P2 to P5: what the row says, and what the provider accepted.
    fn counts(&self, row: &MessageRow) {
        let (accepted, vouched) = {
            let seen = self.seen();
            let accepted = seen.accepted.get(&row.id).copied().unwrap_or(0);
            (accepted, seen.vouched.get(&row.id).copied().unwrap_or_default())
        };
        let unknown = usize::try_from(row.unknown_outcomes).unwrap_or(0);
        let most = match self.plan.delivery {
            DeliveryPolicy::AtMostOnce => 1,
            // A send that is under way is not counted yet.
            DeliveryPolicy::AtLeastOnce => unknown + 1,
        };
        self.demand(accepted <= most + vouched.risked + vouched.before, || {
            format!(
                "P2–P4: accepted {accepted} times, {most} allowed, {unknown} unknown: {}",
                told(row)
            )
        });
        let is_final = matches!(
            row.status,
            Status::Failed | Status::Canceled | Status::Expired | Status::Rejected
        );
        let lies = is_final && unknown == 0 && accepted > vouched.before && !vouched.not_sent;
        self.demand(!lies, || format!("P5: {:?}, and it was accepted: {}", row.status, told(row)));
        let unfounded = row.status.is_accepted() && accepted == 0 && !vouched.sent;
        self.demand(!unfounded, || format!("P1: `sent`, and never accepted: {}", told(row)));
    }

    /// P1, at the end: nothing is left without an end.
    pub(crate) fn unfinished(&self) -> Option<String> {
        let is_resent = self.plan.idempotent && !self.plan.forgets_keys();
        let may_stay = self.plan.delivery == DeliveryPolicy::AtMostOnce && !is_resent;
        let left = self.rows().into_iter().find(|row| match row.status {
            Status::Queued | Status::Sending => true,
            Status::Unconfirmed => !may_stay,
            _ => false,
        });
        left.map(|row| format!("P1: without an end: {}", told(&row)))
    }

    /// How many of each there were: STARTs, POSTs, SMS, parked.
    pub(crate) fn figures(&self) -> [usize; 4] {
        let parked = |row: &MessageRow| row.status == Status::Unconfirmed;
        let rows = self.rows();
        let seen = self.seen();
        [
            seen.starts,
            seen.posts.values().sum(),
            seen.accepted.values().sum(),
            rows.iter().filter(|row| parked(row)).count(),
        ]
    }

    pub(crate) fn demand(&self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.seen().broken.get_or_insert_with(otherwise);
        }
    }
}

fn is_due(row: &MessageRow, now: Timestamp) -> bool {
    row.status == Status::Queued
        && row.not_before.is_none_or(|from| from <= now)
        && row.expires_at.is_none_or(|end| end > now)
        && row.resend_until.is_none_or(|until| until > now)
}

/// What matters of a row.
fn told(row: &MessageRow) -> String {
    format!(
        "message {}, {:?} ({}), attempt {}, tries {}, unknown {}, epoch {}, not before {:?}, \
         lease until {:?}, resend until {:?}, probes {}",
        row.id,
        row.status,
        row.status_reason.as_ref().map_or("-", |reason| reason.as_str()),
        row.attempt,
        row.tries_used,
        row.unknown_outcomes,
        row.key_epoch,
        row.not_before,
        row.lease_until,
        row.resend_until,
        row.probes
    )
}
