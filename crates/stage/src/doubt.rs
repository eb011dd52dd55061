//! Judges what is, or was, in doubt: whoever lives leaves nothing so, when his
//! provider answers and his lease is long enough.

use super::oracle::{Attempt, Books, Message};
use std::collections::HashMap;

/// What a run left in doubt.
#[derive(Debug, Default)]
pub struct Doubts {
    /// Parked messages whose owners died.
    pub explained: usize,
    /// Doubt without a death, each in a sentence.
    pub violations: Vec<String>,
}

impl Books {
    /// The doubts of a run in which only these died. Those that proof of
    /// acceptance has ended since count as well: the row remembers them.
    pub fn doubts(&self, dead: &[String]) -> Doubts {
        // In order of their start: the last one of each stays.
        let last: HashMap<i64, &Attempt> =
            self.attempts.iter().map(|attempt| (attempt.message_id, attempt)).collect();
        let mut doubts = Doubts::default();
        for message in self.messages.iter().filter(|message| message.was_in_doubt()) {
            let owner = last.get(&message.id).map(|attempt| &attempt.instance);
            if !owner.is_some_and(|owner| dead.contains(owner)) {
                doubts.violations.push(format!("in doubt, and {owner:?} lived: {message:?}"));
            } else if message.status == "unconfirmed" {
                doubts.explained += 1;
            }
        }
        doubts
    }
}

impl Message {
    /// Whether it is in doubt, or was once.
    pub fn was_in_doubt(&self) -> bool {
        self.unknown_outcomes > 0 || self.status == "unconfirmed"
    }
}
