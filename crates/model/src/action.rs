//! What can happen next.

use crate::{
    answer::Answer,
    operate::Command,
    protocol::Protocol,
    provider::Fate,
    state::{State, Work},
};
use dispatcher_domain::Status;
use std::fmt;

/// One step of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Time passes.
    Tick,
    /// A replica's START reads the switch, where no row is locked for it.
    Enter(usize),
    /// A replica's START commits, and it hears of it.
    Start(usize),
    /// A replica's START commits, or not yet, and it does not hear of it.
    StartUnheard {
        /// Whose.
        replica: usize,
        /// Whether it took effect at once.
        landed: bool,
    },
    /// A COMMIT that was given up takes effect after all.
    Land(usize),
    /// A replica gives back what it may have claimed.
    GiveBack(usize),
    /// A replica looks at its lease, and POSTs or gives back.
    Look(usize),
    /// A POST meets its fate.
    Arrive(usize, Fate),
    /// A replica gives up waiting while its POST is still on its way.
    TimeOut(usize),
    /// A replica writes the receipt of an acceptance.
    Receipt(usize),
    /// A replica records how its send ended.
    Record {
        /// Whose.
        replica: usize,
        /// Whether it hears that this took effect; else it will do it again.
        heard: bool,
    },
    /// A replica's process ends, and starts anew.
    Crash(usize),
    /// Somebody's rescue parks a message.
    Rescue(usize),
    /// Somebody's resolver takes a message in doubt, and decides.
    TakeDoubt(usize),
    /// What was decided takes effect.
    Settle,
    /// A stop has answered.
    Stop,
    /// Somebody says start.
    Resume,
    /// An operator decides about a message.
    Operator(usize, Command),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Tick => write!(f, "time passes"),
            Self::Enter(it) => write!(f, "r{it}: START reads the switch"),
            Self::Start(it) => write!(f, "r{it}: START commits"),
            Self::StartUnheard { replica, landed: true } => {
                write!(f, "r{replica}: START commits, its answer is lost")
            }
            Self::StartUnheard { replica, .. } => {
                write!(f, "r{replica}: START's COMMIT is given up, and still under way")
            }
            Self::Land(it) => write!(f, "r{it}: the COMMIT that was given up takes effect"),
            Self::GiveBack(it) => write!(f, "r{it}: gives back what it may have claimed"),
            Self::Look(it) => write!(f, "r{it}: looks at its lease, and POSTs or gives back"),
            Self::Arrive(it, fate) => write!(f, "r{it}: its POST: {fate:?}"),
            Self::TimeOut(it) => write!(f, "r{it}: gives up waiting for an answer"),
            Self::Receipt(it) => write!(f, "r{it}: writes the receipt"),
            Self::Record { replica, heard: true } => write!(f, "r{replica}: records the outcome"),
            Self::Record { replica, .. } => {
                write!(f, "r{replica}: records the outcome, the answer is lost")
            }
            Self::Crash(it) => write!(f, "r{it}: crashes, and is started again"),
            Self::Rescue(it) => write!(f, "rescue: parks m{it}"),
            Self::TakeDoubt(it) => write!(f, "resolver: decides about m{it}"),
            Self::Settle => write!(f, "resolver: what it decided takes effect"),
            Self::Stop => write!(f, "operator: stop has answered"),
            Self::Resume => write!(f, "operator: start"),
            Self::Operator(it, command) => write!(f, "operator: {command:?} m{it}"),
        }
    }
}

impl Protocol {
    /// What can happen in `state`; one of them may change nothing all the same.
    pub(crate) fn possible(&self, state: &State, actions: &mut Vec<Action>) {
        let on_its_way = |left: i8| left > 0 || self.scope.late_posts;
        if state.replicas.iter().all(|it| it.wire.is_none_or(|post| on_its_way(post.left))) {
            actions.push(Action::Tick);
        }
        for replica in 0..state.replicas.len() {
            self.of_replica(state, replica, actions);
        }
        for message in 0..self.messages() {
            let row = &state.rows[message];
            if self.is_abandoned(row) {
                actions.push(Action::Rescue(message));
            }
            if row.status == Status::Unconfirmed && state.doubt.is_none() {
                actions.push(Action::TakeDoubt(message));
            }
            if state.witness.decisions > 0 {
                let of = |command| Action::Operator(message, command);
                actions.extend(Command::ALL.map(of));
            }
        }
        if state.doubt.is_some() {
            actions.push(Action::Settle);
        }
        if self.scope.stops && state.control.enabled {
            // Where START holds no row, a stop waits for those past the gate.
            let waits = state.replicas.iter().any(|it| it.work == Work::AtTheGate);
            if !waits || !self.has(crate::Guard::Gate) {
                actions.push(Action::Stop);
            }
        }
        if !state.control.enabled {
            actions.push(Action::Resume);
        }
    }

    fn of_replica(&self, state: &State, replica: usize, actions: &mut Vec<Action>) {
        let it = &state.replicas[replica];
        match it.work {
            Work::Idle if self.scope.is_gated() => actions.push(Action::Enter(replica)),
            Work::Idle | Work::AtTheGate => {
                actions.push(Action::Start(replica));
                if self.scope.lost_commits && it.unsure.is_none() {
                    let unheard = |landed| Action::StartUnheard { replica, landed };
                    actions.extend([true, false].map(unheard));
                }
            }
            // One POST of a process at a time: it waits for what it left behind.
            Work::Claimed(_) if it.wire.is_none() => actions.push(Action::Look(replica)),
            Work::Claimed(_) => {}
            Work::Waiting(_) if self.scope.late_posts => actions.push(Action::TimeOut(replica)),
            Work::Waiting(_) => {}
            Work::Told(_, answer) => {
                let record = |heard| Action::Record { replica, heard };
                actions.extend([true, false].map(record));
                if self.scope.receipts && answer == Answer::Accepted {
                    actions.push(Action::Receipt(replica));
                }
            }
        }
        if it.wire.is_some() {
            actions.extend(Fate::ALL.map(|fate| Action::Arrive(replica, fate)));
        }
        if let Some(unsure) = it.unsure {
            if !unsure.landed {
                actions.push(Action::Land(replica));
            }
            if unsure.hold > 0 && self.has(crate::Guard::GiveBack) {
                actions.push(Action::GiveBack(replica));
            }
        }
        if it.work != Work::Idle || it.unsure.is_some() {
            actions.push(Action::Crash(replica));
        }
    }
}
