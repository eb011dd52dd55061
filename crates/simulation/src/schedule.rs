//! Whose turn it is. Whoever asks the outside world waits here; the driver lets
//! one go on at a time, by chance, and moves the time when nobody can.

use crate::{chance::Chance, history::History};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::oneshot;

/// Names a replica for as long as the schedule lasts.
pub(crate) type ReplicaId = usize;

/// All that wait; clones share them.
#[derive(Clone)]
pub(crate) struct Schedule {
    inner: Arc<Mutex<Inner>>,
    pub(crate) chance: Chance,
    pub(crate) history: History,
}

#[derive(Default)]
struct Inner {
    now: Duration,
    waiting: Vec<Waiting>,
    /// Replicas that are frozen, and until when.
    frozen: Vec<(ReplicaId, Duration)>,
    /// Nothing is late any more, and nothing takes long.
    calm: bool,
}

struct Waiting {
    /// Whose it is; nobody's: what is on its way whoever dies.
    owner: Option<ReplicaId>,
    due: Duration,
    what: &'static str,
    go: oneshot::Sender<()>,
}

/// What the driver found to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Somebody went on.
    Turn,
    /// The time moved.
    Time,
    /// Nobody waits for anything.
    Nothing,
}

impl Schedule {
    pub(crate) fn new(chance: Chance, history: History) -> Self {
        Self { inner: Arc::default(), chance, history }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The true time since the beginning, which nobody reads off a clock.
    pub(crate) fn now(&self) -> Duration {
        self.inner().now
    }

    /// From now on nothing is late, and nothing takes long.
    pub(crate) fn calm_down(&self) {
        let mut inner = self.inner();
        inner.calm = true;
        inner.frozen.clear();
    }

    /// Freezes a replica for some time.
    pub(crate) fn freeze(&self, replica: ReplicaId, time: Duration) {
        let mut inner = self.inner();
        let until = inner.now + time;
        inner.frozen.push((replica, until));
    }

    /// Waits for a turn. Most come at once, and some late: a call takes time.
    pub(crate) async fn turn(&self, owner: Option<ReplicaId>, what: &'static str) {
        let late = if self.inner().calm { Duration::ZERO } else { self.lateness() };
        self.wait(owner, late, what).await;
    }

    /// Waits for a turn after `time`.
    pub(crate) async fn wait(&self, owner: Option<ReplicaId>, time: Duration, what: &'static str) {
        let (go, gone) = oneshot::channel();
        {
            let mut inner = self.inner();
            let due = inner.now + time;
            inner.waiting.push(Waiting { owner, due, what, go });
        }
        // It errs when the schedule is over; so is this.
        let _ = gone.await;
    }

    fn lateness(&self) -> Duration {
        let millis = match self.chance.below(20) {
            0 => self.chance.below(3_000),
            1..4 => self.chance.below(200),
            _ => self.chance.below(5),
        };
        Duration::from_millis(millis as u64)
    }

    /// Lets somebody go on, or moves the time to when somebody can.
    pub(crate) fn step(&self) -> Step {
        let mut inner = self.inner();
        let now = inner.now;
        inner.frozen.retain(|(_, until)| *until > now);
        inner.waiting.retain(|waiting| !waiting.go.is_closed());
        let ready: Vec<usize> = (0..inner.waiting.len())
            .filter(|at| {
                let waiting = &inner.waiting[*at];
                waiting.due <= now && !inner.is_frozen(waiting.owner)
            })
            .collect();
        if ready.is_empty() {
            return self.move_on(&mut inner);
        }
        let waiting = inner.waiting.swap_remove(ready[self.chance.below(ready.len())]);
        self.history.note(now, waiting.owner, waiting.what);
        let _ = waiting.go.send(());
        Step::Turn
    }

    fn move_on(&self, inner: &mut Inner) -> Step {
        let when = |waiting: &Waiting| {
            let thaws = inner.frozen.iter().filter(|(who, _)| Some(*who) == waiting.owner);
            thaws.map(|(_, until)| *until).fold(waiting.due, Duration::max)
        };
        let Some(next) = inner.waiting.iter().map(when).min() else { return Step::Nothing };
        inner.now = inner.now.max(next);
        Step::Time
    }
}

impl Inner {
    fn is_frozen(&self, owner: Option<ReplicaId>) -> bool {
        owner.is_some_and(|owner| self.frozen.iter().any(|(who, _)| *who == owner))
    }
}
