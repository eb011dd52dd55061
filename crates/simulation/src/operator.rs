//! An operator, and programs that store messages.

use crate::{clock::ProcessClock, plan::DEADLINE, replica::Surroundings, schedule::ReplicaId};
use dispatcher_app::{Decide, Operate, Wake};
use dispatcher_domain::{
    MessageBody, MessageId, MessageLimits, NewMessage, OperatorCommand, OperatorRequest,
    PhoneNumber, Priority, Terms, ports::MessageRepo,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

/// No replica has this number.
const OPERATOR: ReplicaId = usize::MAX;

/// Somebody who uses the API.
#[derive(Clone)]
pub(crate) struct Operator {
    around: Surroundings,
    /// One word about the switch at a time: who says two, wants neither.
    is_switching: Arc<AtomicBool>,
}

impl Operator {
    pub(crate) fn new(around: &Surroundings) -> Self {
        Self { around: around.clone(), is_switching: Arc::default() }
    }

    fn operate(&self) -> Operate {
        let clock = Arc::new(ProcessClock::of(&self.around.schedule, OPERATOR));
        Operate::new(Arc::new(self.around.line(OPERATOR)), clock, DEADLINE, Wake::default())
    }

    /// Says stop.
    pub(crate) fn stop(&self) {
        if self.is_switching.swap(true, Relaxed) {
            return;
        }
        let this = self.clone();
        tokio::spawn(async move {
            if this.operate().stop().await.is_ok() {
                this.around.witness.silence_begins();
            }
            this.is_switching.store(false, Relaxed);
        });
    }

    /// Says start, until it is heard.
    pub(crate) fn start(&self) {
        if self.is_switching.swap(true, Relaxed) {
            return;
        }
        let this = self.clone();
        tokio::spawn(async move {
            this.around.witness.silence_ends();
            while this.operate().start().await.is_err() {}
            this.is_switching.store(false, Relaxed);
        });
    }

    /// Decides something about one of so many messages.
    pub(crate) fn decide(&self, messages: usize) {
        let chance = &self.around.schedule.chance;
        let id = MessageId(i64::try_from(1 + chance.below(messages.max(1))).unwrap_or(1));
        let command = match chance.below(8) {
            0..3 => OperatorCommand::Cancel,
            3 | 4 => OperatorCommand::Requeue { force: false },
            5 => OperatorCommand::Requeue { force: true },
            6 => OperatorCommand::ResolveNotSent,
            _ => OperatorCommand::ResolveSent { provider_message_id: None },
        };
        let (line, key_window) = (self.around.line(OPERATOR), self.around.plan.key_window);
        let request = OperatorRequest { command, seen_attempt: None };
        tokio::spawn(async move {
            let decide = Decide::new(Arc::new(line), key_window, Wake::default());
            // A refusal, or an answer that got lost, is the operator's affair.
            let _ = decide.run(id, &request).await;
        });
    }

    /// Stores a message, past all that can go wrong with that.
    pub(crate) async fn store(&self) {
        let chance = &self.around.schedule.chance;
        let to = format!("+9055500000{:02}", chance.below(self.around.plan.recipients));
        let limits = MessageLimits::default();
        let (Ok(phone_number), Ok(body)) =
            (PhoneNumber::parse(&to), MessageBody::parse("Hello", &limits))
        else {
            unreachable!("these are valid")
        };
        let now = crate::clock::store_time(&self.around.schedule);
        let later = |seconds: usize| now + Duration::from_secs(seconds as u64);
        let terms = Terms {
            not_before: chance.in_a_thousand(100).then(|| later(chance.below(20))),
            expires_at: chance.in_a_thousand(100).then(|| later(25 + chance.below(60))),
            priority: Priority::stored(chance.one_of(&[0, 0, 0, 1, -1])),
        };
        let stored = self.around.store.enqueue(&NewMessage { phone_number, body }, &terms).await;
        debug_assert!(stored.is_ok(), "a memory store takes everything");
    }
}
