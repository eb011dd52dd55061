//! One state of the world: the rows, the replicas, the provider, and what a
//! witness has to remember to tell whether a promise was broken.

use crate::{
    answer::Answer,
    promise::Broken,
    scope::{ATTEMPTS, MESSAGES, Scope},
    time::Steps,
};
use dispatcher_domain::Status;

/// Names a claim; 0 is none.
pub(crate) type Token = u8;

/// One state. Small and without pointers: millions are kept at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    pub(crate) rows: [Row; MESSAGES],
    pub(crate) control: Control,
    pub(crate) replicas: [Replica; 2],
    /// The message in doubt that somebody looks at, and what was decided.
    pub(crate) doubt: Option<Doubt>,
    pub(crate) witness: Witness,
}

/// A message, as the columns of its row have it; and what the provider did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Row {
    pub(crate) status: Status,
    pub(crate) attempt: u8,
    pub(crate) token: Token,
    /// Left of the lease; below zero it is over.
    pub(crate) lease: Option<Steps>,
    pub(crate) unknown: u8,
    pub(crate) tries: u8,
    pub(crate) epoch: u8,
    /// Left of the time in which a repeat may start.
    pub(crate) resend: Option<Steps>,
    pub(crate) attempts: [Attempt; ATTEMPTS],
    /// The attempt whose receipt is in the cache; 0: none.
    pub(crate) receipt: u8,
    /// SMS on their way to the phone.
    pub(crate) sms: u8,
    /// The key that the provider knows, and how long it will.
    pub(crate) known: Option<(u8, Steps)>,
    pub(crate) vouched: Vouched,
}

/// One START on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Attempt {
    pub(crate) token: Token,
    pub(crate) epoch: u8,
    pub(crate) age: Steps,
    pub(crate) end: End,
}

/// How an attempt ended, as it is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum End {
    #[default]
    None,
    Told(Answer),
    Released,
    Abandoned,
}

/// What operators took upon themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Vouched {
    /// Second SMS that were risked.
    pub(crate) risked: u8,
    /// SMS there were when somebody said that there was none, or to send again.
    pub(crate) before: u8,
    /// Somebody had it sent again under a key that protected at that moment.
    pub(crate) forced: bool,
    pub(crate) sent: bool,
    pub(crate) not_sent: bool,
}

/// What the control row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Control {
    pub(crate) enabled: bool,
    pub(crate) quota_left: u8,
    /// From when on a new batch may begin.
    pub(crate) next_tick: Steps,
    /// The send in flight with strict order, and what is left of its lease.
    pub(crate) busy: Option<(Token, Steps)>,
}

/// One replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Replica {
    pub(crate) work: Work,
    /// What has left and not arrived; it arrives also if its sender is gone.
    pub(crate) wire: Option<Post>,
    /// A claim whose COMMIT was not answered.
    pub(crate) unsure: Option<Unsure>,
}

/// What a replica is about to do next; it may take any time over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Work {
    #[default]
    Idle,
    /// START has read the switch and not committed yet.
    AtTheGate,
    /// START is durable, its answer has arrived: next is the look at the lease.
    Claimed(Claim),
    /// The POST has left.
    Waiting(Claim),
    /// Next is to record this.
    Told(Claim, Answer),
}

/// What a replica knows of its claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Claim {
    pub(crate) message: u8,
    pub(crate) attempt: u8,
    pub(crate) token: Token,
    pub(crate) epoch: u8,
    /// Since before it asked, by its own clock.
    pub(crate) age: Steps,
    /// Witness: a later message was started meanwhile.
    pub(crate) overtaken: bool,
}

/// A POST on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Post {
    pub(crate) message: u8,
    pub(crate) attempt: u8,
    pub(crate) epoch: u8,
    /// It arrives within this.
    pub(crate) left: Steps,
}

/// A claim whose COMMIT was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Unsure {
    pub(crate) token: Token,
    /// It took effect; its owner does not know.
    pub(crate) landed: bool,
    /// For so long its owner tries to give it back.
    pub(crate) hold: Steps,
}

/// A message that was taken because it is in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Doubt {
    pub(crate) message: u8,
    pub(crate) attempt: u8,
    pub(crate) epoch: u8,
    pub(crate) decided: Decided,
}

/// What was decided about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Decided {
    Sent(u8),
    Resend(Option<Steps>),
    Fail,
}

/// What has to be remembered to see a broken promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Witness {
    /// Ages of the last starts, newest first.
    pub(crate) starts: [Steps; 2],
    /// Ages of the last arrivals, newest first.
    pub(crate) arrivals: [Steps; 2],
    /// A stop has answered.
    pub(crate) stopped: bool,
    /// Decisions that operators may still make.
    pub(crate) decisions: u8,
    pub(crate) broken: Broken,
}

impl State {
    /// A new queue with all its messages in it.
    pub(crate) fn first(scope: &Scope) -> Self {
        let row = Row {
            status: Status::Queued,
            attempt: 0,
            token: 0,
            lease: None,
            unknown: 0,
            tries: 0,
            epoch: 0,
            resend: None,
            attempts: [Attempt::default(); ATTEMPTS],
            receipt: 0,
            sms: 0,
            known: None,
            vouched: Vouched::default(),
        };
        Self {
            rows: [row; MESSAGES],
            control: Control { enabled: true, quota_left: 0, next_tick: 0, busy: None },
            replicas: [Replica::default(); 2],
            doubt: None,
            witness: Witness {
                starts: [scope.period(); 2],
                arrivals: [scope.period(); 2],
                stopped: false,
                decisions: scope.decisions,
                broken: Broken::default(),
            },
        }
    }

    /// The promises that are broken in this state.
    #[must_use]
    pub fn broken(&self) -> Broken {
        self.witness.broken
    }

    /// The smallest name that nobody knows: as good as a random one, and equal
    /// states stay equal.
    pub(crate) fn fresh_token(&self) -> Token {
        let mut used = 1_u64;
        for row in &self.rows {
            used |= 1 << row.token;
            row.attempts.iter().for_each(|attempt| used |= 1 << attempt.token);
        }
        for replica in &self.replicas {
            used |= replica.work.claim().map_or(0, |claim| 1 << claim.token);
            used |= replica.unsure.map_or(0, |unsure| 1 << unsure.token);
        }
        used |= self.control.busy.map_or(0, |(token, _)| 1 << token);
        Token::try_from(used.trailing_ones()).unwrap_or(Token::MAX)
    }
}

impl Work {
    pub(crate) fn claim(&self) -> Option<&Claim> {
        match self {
            Self::Idle | Self::AtTheGate => None,
            Self::Claimed(claim) | Self::Waiting(claim) | Self::Told(claim, _) => Some(claim),
        }
    }

    pub(crate) fn claim_mut(&mut self) -> Option<&mut Claim> {
        match self {
            Self::Idle | Self::AtTheGate => None,
            Self::Claimed(claim) | Self::Waiting(claim) | Self::Told(claim, _) => Some(claim),
        }
    }
}

impl Row {
    /// The record of that attempt, if it has this token.
    pub(crate) fn on_record(&mut self, attempt: u8, token: Token) -> Option<&mut Attempt> {
        let index = usize::from(attempt).checked_sub(1)?;
        self.attempts.get_mut(index).filter(|it| it.token == token && token != 0)
    }
}

impl Attempt {
    /// The provider may have seen its key.
    pub(crate) fn may_have_left(&self) -> bool {
        self.token != 0 && !matches!(self.end, End::Released | End::Told(Answer::NotSent))
    }
}
