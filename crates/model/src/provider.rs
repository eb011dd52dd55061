//! The provider, and the way to it.

use crate::{
    answer::Answer,
    promise::Promise,
    protocol::Protocol,
    state::{Post, State, Work},
    time::KEY_WINDOW,
};

/// What becomes of a POST that has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It is accepted, and its sender hears of it.
    Accepted,
    /// It is accepted, and its sender does not hear of it.
    AcceptedUnheard,
    /// It is refused.
    Refused,
    /// The provider wants fewer.
    RateLimited,
    /// It does not arrive, and its sender knows.
    NotReached,
    /// It does not arrive, and its sender does not know.
    Lost,
}

impl Fate {
    pub(crate) const ALL: [Self; 6] = [
        Self::Accepted,
        Self::AcceptedUnheard,
        Self::Refused,
        Self::RateLimited,
        Self::NotReached,
        Self::Lost,
    ];

    /// Whether its sender would hear of it.
    fn answer(self) -> Answer {
        match self {
            Self::Accepted => Answer::Accepted,
            Self::AcceptedUnheard | Self::Lost => Answer::Unknown,
            Self::Refused => Answer::Refused,
            Self::RateLimited => Answer::RateLimited,
            Self::NotReached => Answer::NotSent,
        }
    }
}

impl Protocol {
    /// The POST of that replica meets its fate.
    pub(crate) fn arrive(&self, state: &mut State, replica: usize, fate: Fate) {
        let Some(post) = state.replicas[replica].wire.take() else { return };
        if let Work::Waiting(claim) = state.replicas[replica].work {
            state.replicas[replica].work = Work::Told(claim, fate.answer());
        }
        if !matches!(fate, Fate::NotReached | Fate::Lost) {
            self.witness_arrival(state);
        }
        if matches!(fate, Fate::Accepted | Fate::AcceptedUnheard) {
            self.accept(state, post);
        }
    }

    /// One that knows the key sends no second SMS under it.
    fn accept(&self, state: &mut State, post: Post) {
        let row = &mut state.rows[usize::from(post.message)];
        let known = row.known.is_some_and(|(epoch, _)| epoch == post.epoch);
        if self.scope.idempotent {
            if known {
                return;
            }
            row.known = Some((post.epoch, KEY_WINDOW));
        }
        row.sms = row.sms.saturating_add(1);
    }

    fn witness_arrival(&self, state: &mut State) {
        if !self.scope.is_strict() || self.scope.late_posts || self.scope.period == 0 {
            return;
        }
        let batch = usize::from(self.scope.batch);
        let paced = state.witness.arrivals[batch - 1] >= self.scope.period();
        state.witness.broken.demand(Promise::PaceAtProvider, paced);
        state.witness.arrivals = [0, state.witness.arrivals[0]];
    }
}
