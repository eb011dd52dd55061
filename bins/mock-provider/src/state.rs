//! What the provider knows, behind one lock: a POST is judged, accepted and counted in one step, so that the order
//! of the ledger, of the arrivals and of the script can never disagree.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    Arrival, Behaviour, Config, Outcome, Script, clock,
    ledger::{Acceptance, Ledger},
    message::Message,
    refusal::Refusal,
    script::{Player, behaviour_asked_for_in},
};

/// Shared by all connections.
pub(crate) struct State {
    token: Option<String>,
    latency: Duration,
    jitter: Duration,
    books: Mutex<Books>,
    progress: watch::Sender<Progress>,
    script_replaced: watch::Sender<()>,
}

/// Everything that changes.
pub(crate) struct Books {
    pub(crate) arrivals: Vec<Arrival>,
    pub(crate) ledger: Ledger,
    pub(crate) player: Player,
    judged: usize,
    closed: bool,
}

/// How far things are; what waiting callers look at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    /// POSTs whose fate is decided.
    pub(crate) judged: usize,
    /// Entries of the ledger.
    pub(crate) accepted: usize,
}

/// The fate of one POST.
pub(crate) enum Verdict {
    /// Play this behaviour; with the acceptance if it is one that accepts. The signal tells that the script of this
    /// verdict was replaced.
    Play(Behaviour, Option<Acceptance>, watch::Receiver<()>),
    /// Answer this error; nothing was accepted.
    Refuse(Refusal),
    /// The provider is being stopped: nothing is accepted and nothing answered any more.
    Stopped,
}

impl State {
    pub(crate) fn new(config: Config) -> anyhow::Result<Self> {
        let ledger = Ledger::open(config.ledger_file.as_deref(), !config.ignore_idempotency_key)?;
        let (progress, _) =
            watch::channel(Progress { judged: 0, accepted: ledger.entries().len() });
        Ok(Self {
            token: config.token,
            latency: config.latency,
            jitter: config.jitter,
            books: Mutex::new(Books {
                arrivals: Vec::new(),
                ledger,
                player: Player::new(config.script),
                judged: 0,
                closed: false,
            }),
            progress,
            script_replaced: watch::Sender::new(()),
        })
    }

    /// The books. A panic of another holder leaves them as they are: each change is complete before the next.
    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Whether this `Authorization` header is good enough.
    pub(crate) fn authorizes(&self, header: Option<&[u8]>) -> bool {
        match &self.token {
            None => true,
            Some(token) => header.and_then(bearer) == Some(token.as_bytes()),
        }
    }

    /// How long to hold back the next answer.
    pub(crate) fn latency(&self) -> Duration {
        clock::jittered(self.latency, self.jitter)
    }

    /// Replaces the script; it starts at its first step.
    pub(crate) fn play(&self, script: Script) {
        let mut books = self.books();
        books.player = Player::new(script);
        // Told while the lock is held: each verdict belongs to one script.
        self.script_replaced.send_replace(());
    }

    /// Writes down that a POST has come. Its place in the list is its place among all that come.
    pub(crate) fn arrive(&self, idempotency_key: Option<String>) -> usize {
        let mut books = self.books();
        let index = books.arrivals.len();
        books.arrivals.push(Arrival {
            number: index + 1,
            arrived_at: clock::now(),
            idempotency_key,
            outcome: Outcome::Incomplete,
            message_id: None,
            behaviour: None,
            phone_number: None,
            content: None,
        });
        index
    }

    /// Decides what becomes of the POST at this place of the list.
    pub(crate) fn judge(&self, index: usize, message: Result<Message, Refusal>) -> Verdict {
        let mut books = self.books();
        if books.closed {
            return Verdict::Stopped;
        }
        let verdict = match message {
            Ok(message) => books.judge(index, message, &self.script_replaced),
            Err(refusal) => Verdict::Refuse(refusal),
        };
        books.write_down(index, &verdict);
        let progress = Progress { judged: books.judged, accepted: books.ledger.entries().len() };
        // Told while the lock is held: progress never goes backwards.
        self.progress.send_replace(progress);
        verdict
    }

    /// Accepts nothing from now on and lets go of the ledger file.
    pub(crate) fn close(&self) {
        let mut books = self.books();
        books.closed = true;
        books.ledger.close();
    }
}

impl Books {
    fn judge(
        &mut self,
        index: usize,
        message: Message,
        script_replaced: &watch::Sender<()>,
    ) -> Verdict {
        let behaviour = match behaviour_asked_for_in(&message.content) {
            Ok(Some(asked_for)) => asked_for,
            Ok(None) => self.player.next(&message.phone_number),
            Err(error) => return Verdict::Refuse(Refusal::bad_marker(&error)),
        };
        let arrival = &mut self.arrivals[index];
        let acceptance = if behaviour.accepts() {
            match self.ledger.accept(arrival.idempotency_key.as_deref(), &message) {
                Ok(acceptance) => Some(acceptance),
                Err(error) => return Verdict::Refuse(Refusal::ledger(&error)),
            }
        } else {
            None
        };
        arrival.phone_number = Some(message.phone_number);
        arrival.content = Some(message.content);
        Verdict::Play(behaviour, acceptance, script_replaced.subscribe())
    }

    fn write_down(&mut self, index: usize, verdict: &Verdict) {
        let arrival = &mut self.arrivals[index];
        arrival.outcome = Outcome::Refused;
        if let Verdict::Play(behaviour, acceptance, _) = verdict {
            arrival.behaviour = Some(behaviour.to_string());
            if let Some(Acceptance { message_id, replayed }) = acceptance {
                arrival.message_id = Some(message_id.clone());
                arrival.outcome = if *replayed { Outcome::Replayed } else { Outcome::Accepted };
            }
        }
        self.judged += 1;
    }
}

/// The token of `Bearer TOKEN`; the scheme is case-insensitive (RFC 9110, section 11.1).
fn bearer(header: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = header.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(token.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_that_is_read_after_the_close_is_neither_accepted_nor_answered() {
        let state = State::new(Config::default()).unwrap();
        let index = state.arrive(None);
        state.close();
        let message = Message::parse(br#"{"phone_number":"+1","content":"x"}"#).unwrap();
        assert!(matches!(state.judge(index, Ok(message)), Verdict::Stopped));
        assert!(state.books().ledger.entries().is_empty());
    }
}
