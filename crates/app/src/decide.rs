//! What operators decide about single messages.

use crate::Wake;
use dispatcher_domain::{
    MessageId, OperatorRequest, Status,
    ports::{Decided, Decision, MessageControl, StoreError},
};
use std::{sync::Arc, time::Duration};

/// Carries out what operators decide, and writes it into the log.
pub struct Decide {
    messages: Arc<dyn MessageControl>,
    key_window: Duration,
    wake: Wake,
}

impl Decide {
    /// Over `messages`; `key_window` is how long the provider remembers an
    /// idempotency key. What goes back into the queue wakes the dispatch loop.
    #[must_use]
    pub fn new(messages: Arc<dyn MessageControl>, key_window: Duration, wake: Wake) -> Self {
        Self { messages, key_window, wake }
    }

    /// Does what `request` wants of the message with this id.
    ///
    /// # Errors
    /// The store's. After [`StoreError::Unconfirmed`] it may be done or not;
    /// the same request may be made again.
    pub async fn run(
        &self,
        id: MessageId,
        request: &OperatorRequest,
    ) -> Result<Decided, StoreError> {
        let command = request.command.as_str();
        let decided = self.messages.decide(id, request, self.key_window).await?;
        match &decided {
            Decided::Done(decision) => self.done(id, command, decision),
            Decided::Refused(refusal) => {
                tracing::info!(
                    %id,
                    command,
                    "an operator's command was refused: {refusal}"
                );
            }
            Decided::NotFound => {}
        }
        Ok(decided)
    }

    fn done(&self, id: MessageId, command: &str, decision: &Decision) {
        if decision.status == Status::Queued {
            self.wake.call();
        }
        // The trace of who decided what: nothing else tells it for ever.
        tracing::info!(
            %id,
            command,
            was = decision.was.as_str(),
            status = decision.status.as_str(),
            changed = decision.changed,
            maybe_sent = decision.maybe_sent,
            "an operator decided"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::unconfirmed;
    use dispatcher_domain::{IdempotencyKey, OperatorCommand, Refusal, ports::MockMessageControl};
    use futures_util::FutureExt;
    use uuid::Uuid;

    const WINDOW: Duration = Duration::from_secs(7);

    /// What comes of a request, and whether the loop is called.
    async fn run(answer: Result<Decided, StoreError>) -> (Result<Decided, StoreError>, bool) {
        let request = OperatorRequest { command: OperatorCommand::Cancel, seen_attempt: Some(3) };
        let asked = request.clone();
        let mut messages = MockMessageControl::new();
        messages
            .expect_decide()
            .withf(move |id, request, window| {
                (*id, request, *window) == (MessageId(1), &asked, WINDOW)
            })
            .return_once(|_, _, _| answer);
        let wake = Wake::default();
        let decide = Decide::new(Arc::new(messages), WINDOW, wake.clone());
        let answer = decide.run(MessageId(1), &request).await;
        (answer, wake.called().now_or_never().is_some())
    }

    fn done(status: Status) -> Decided {
        let key = IdempotencyKey::new(Uuid::nil(), 0);
        let (was, changed) = (Status::Failed, true);
        Decided::Done(Decision { was, status, changed, maybe_sent: false, key })
    }

    #[tokio::test]
    async fn what_goes_back_into_the_queue_wakes_the_loop() {
        let (answer, woken) = run(Ok(done(Status::Queued))).await;
        assert_eq!((answer.unwrap(), woken), (done(Status::Queued), true));
    }

    #[tokio::test]
    async fn what_does_not_wakes_nobody() {
        for decided in [done(Status::Sent), Decided::Refused(Refusal::InFlight), Decided::NotFound]
        {
            let (answer, woken) = run(Ok(decided.clone())).await;
            assert_eq!((answer.unwrap(), woken), (decided, false));
        }
        let (answer, woken) = run(Err(unconfirmed())).await;
        assert!(matches!(answer, Err(StoreError::Unconfirmed(_))) && !woken);
    }
}
