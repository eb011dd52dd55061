//! The protocol as a model: its actions, and what each does.

use crate::{
    action::Action,
    answer::Answer,
    complete::Consequence,
    guard::{Guard, Guards},
    promise::Promise,
    scope::Scope,
    state::{Claim, Post, State, Unsure, Work},
    time::{DEADLINE, GRACE, LEASE, MARGIN},
};
use dispatcher_domain::{DispatchPolicy, Effect, Ordering, Status};

/// The delivery protocol in a scope, with some of its rules or all.
#[derive(Debug, Clone, Copy)]
pub struct Protocol {
    /// What is played.
    pub scope: Scope,
    /// Which rules are in force.
    pub guards: Guards,
    pub(crate) pace: DispatchPolicy,
    consequences: [Consequence; 5],
}

/// Who changes a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Protocol,
    Operator,
    Proof,
}

impl Protocol {
    /// The protocol in `scope` under `guards`.
    #[must_use]
    pub fn new(scope: Scope, guards: Guards) -> Self {
        Self { scope, guards, pace: scope.pace(), consequences: Answer::ALL.map(consequence_of) }
    }

    pub(crate) fn has(&self, guard: Guard) -> bool {
        self.guards.has(guard)
    }

    pub(crate) fn messages(&self) -> usize {
        usize::from(self.scope.messages)
    }

    pub(crate) fn consequence(&self, answer: Answer) -> Consequence {
        self.consequences[answer as usize]
    }

    pub(crate) fn become_status(&self, state: &mut State, message: usize, to: Status, why: Why) {
        let row = &mut state.rows[message];
        let from = std::mem::replace(&mut row.status, to);
        if from == to {
            return;
        }
        let is_final = matches!(
            from,
            Status::Sent | Status::Failed | Status::Canceled | Status::Expired | Status::Rejected
        );
        let broken = &mut state.witness.broken;
        broken.demand(Promise::Diagram, from.may_become(to));
        broken.demand(Promise::FinalIsFinal, !is_final || why != Why::Protocol);
    }

    /// What comes of an action; `None` when it changes nothing.
    pub(crate) fn play(&self, before: &State, action: Action) -> Option<State> {
        let mut state = *before;
        match action {
            Action::Tick => self.tick(&mut state),
            Action::Enter(replica) => {
                self.admit(&state.control)?;
                state.replicas[replica].work = Work::AtTheGate;
            }
            Action::Start(replica) => {
                let gated = state.replicas[replica].work == Work::AtTheGate;
                state.replicas[replica].work = Work::Idle;
                let token = state.fresh_token();
                if let Some(claim) = self.start(&mut state, token, gated) {
                    state.replicas[replica].work = Work::Claimed(claim);
                }
            }
            Action::StartUnheard { replica, landed } => {
                self.start_unheard(&mut state, replica, landed)?;
            }
            Action::Land(replica) => {
                let token = state.replicas[replica].unsure?.token;
                self.start(&mut state, token, false)?;
                state.replicas[replica].unsure.as_mut()?.landed = true;
            }
            Action::GiveBack(replica) => {
                let token = state.replicas[replica].unsure?.token;
                if self.release_claim(&mut state, token) {
                    state.replicas[replica].unsure = None;
                }
            }
            Action::Look(replica) => self.look(&mut state, replica)?,
            Action::Arrive(replica, fate) => self.arrive(&mut state, replica, fate),
            Action::TimeOut(replica) => {
                let claim = *state.replicas[replica].work.claim()?;
                state.replicas[replica].work = Work::Told(claim, Answer::Unknown);
            }
            Action::Receipt(replica) => {
                let claim = state.replicas[replica].work.claim()?;
                state.rows[usize::from(claim.message)].receipt = claim.attempt;
            }
            Action::Record { replica, heard } => {
                let Work::Told(claim, answer) = state.replicas[replica].work else { return None };
                self.record(&mut state, &claim, answer);
                if heard {
                    state.replicas[replica].work = Work::Idle;
                }
            }
            Action::Crash(replica) => {
                let replica = &mut state.replicas[replica];
                replica.work = Work::Idle;
                replica.unsure = replica.unsure.filter(|unsure| !unsure.landed);
                // What is on its way to the database arrives, or not; nobody gives it back.
                replica.unsure.as_mut().into_iter().for_each(|unsure| unsure.hold = 0);
            }
            Action::Rescue(message) => self.rescue(&mut state, message),
            Action::TakeDoubt(message) => {
                state.doubt = Some(self.look_at(&state.rows[message], message)?);
            }
            Action::Settle => {
                let doubt = state.doubt.take()?;
                self.settle(&mut state, doubt);
            }
            Action::Stop => {
                state.control.enabled = false;
                state.witness.stopped = true;
            }
            Action::Resume => {
                state.witness.stopped = false;
                let mut control = self.control_state(&state.control);
                control.switch(crate::time::now(), true);
                state.control.enabled = control.enabled;
            }
            Action::Operator(message, command) => {
                if !self.decide(&mut state, message, command) {
                    return None;
                }
                state.witness.decisions -= 1;
            }
        }
        if state == *before {
            return None;
        }
        self.normalize(&mut state);
        self.witness_counts(&mut state);
        Some(state)
    }

    fn start_unheard(&self, state: &mut State, replica: usize, landed: bool) -> Option<()> {
        let token = state.fresh_token();
        let gated = state.replicas[replica].work == Work::AtTheGate;
        state.replicas[replica].work = Work::Idle;
        let message = if landed {
            Some(self.start(state, token, gated)?)
        } else {
            self.would_start(state, gated)
        };
        if self.has(Guard::CommitConfirmed) {
            state.replicas[replica].unsure = Some(Unsure { token, landed, hold: LEASE + GRACE });
        } else {
            // It takes for its own what it was told it might get.
            let claim = message?;
            state.replicas[replica].work = Work::Claimed(Claim { token, ..claim });
        }
        Some(())
    }

    /// What a START would take that is not there in the end.
    fn would_start(&self, state: &State, gated: bool) -> Option<Claim> {
        let mut scratch = *state;
        self.start(&mut scratch, state.fresh_token(), gated)
    }

    /// The look at the lease; then the POST leaves, or the message is given back.
    fn look(&self, state: &mut State, replica: usize) -> Option<()> {
        let Work::Claimed(claim) = state.replicas[replica].work else { return None };
        let margin = if self.has(Guard::LookMargin) { MARGIN } else { 0 };
        if self.has(Guard::Look) && claim.age + DEADLINE + margin > LEASE {
            state.replicas[replica].work = Work::Idle;
            self.release(state, &claim);
            return Some(());
        }
        let Claim { message, attempt, epoch, token, overtaken, .. } = claim;
        let on_record = state.rows[usize::from(message)].on_record(attempt, token).is_some();
        state.witness.broken.demand(Promise::StartBeforePost, on_record);
        if !self.scope.late_posts {
            self.witness_post(state, replica, &claim, overtaken);
        }
        state.replicas[replica].work = Work::Waiting(claim);
        state.replicas[replica].wire = Some(Post { message, attempt, epoch, left: DEADLINE });
        Some(())
    }

    /// P7, as the provider sees it.
    fn witness_post(&self, state: &mut State, replica: usize, claim: &Claim, overtaken: bool) {
        let other = state.replicas[1 - replica].wire.map(|post| usize::from(post.message));
        let message = usize::from(claim.message);
        let alone = match self.scope.ordering {
            Ordering::Strict => other.is_none() && !overtaken,
            Ordering::Recipient => other.is_none_or(|other| {
                other != message && !self.others_of(message).any(|it| it == other)
            }),
            Ordering::None => other != Some(message),
        };
        state.witness.broken.demand(Promise::OrderAtProvider, alone);
    }
}

/// What the domain makes of an answer.
fn consequence_of(answer: Answer) -> Consequence {
    match Effect::of(&answer.outcome(), 1, &Scope::retry(), 0.0) {
        Effect::Sent { .. } => Consequence::Sent,
        Effect::Requeue { .. } => Consequence::Requeue,
        Effect::Fail { .. } => Consequence::Fail,
        Effect::Park { .. } => Consequence::Park,
    }
}
