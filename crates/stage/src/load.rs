//! Messages in number, and waiting for what becomes of them.

use super::{LIMIT, Stage, sql::Sql, store::Store};
use dispatcher_testkit::{chance::Dice, wait_until};
use jiff::SignedDuration;

/// How much later a random moment is, at most, in microseconds: so that it
/// falls anywhere in a send.
const LATER: usize = 30_000;

impl<S: Store> Stage<S> {
    /// Writes `count` messages numbered from `first` to so many `recipients`
    /// in turn. Every third number is spelt in another way.
    pub async fn insert_to(&self, first: i32, count: i32, recipients: i32) {
        let row = |n| {
            let (spelt, to) = (n / recipients % 3, n % recipients);
            let begin = ["+90555", "90 555 ", "+90-555-"][usize::try_from(spelt).expect("few")];
            format!("('{begin}{to:07}', 'message {n}')")
        };
        self.insert_rows((first..first + count).map(row)).await;
    }

    /// Waits until no message is queued or being sent.
    pub async fn until_all_are_final(&self) {
        wait_until("no message is queued or being sent", LIMIT, async || {
            self.count("queued").await + self.count("sending").await == 0
        })
        .await;
    }

    /// Waits until the store's clock has gone on by so much: that nothing
    /// happens can only be seen over some time.
    pub async fn let_pass(&self, millis: i32) {
        let end = self.now().await + SignedDuration::from_millis(millis.into());
        wait_until("the time is over", LIMIT, async || self.now().await > end).await;
    }

    /// Keeps the circuit breaker open for an hour: it opens for half a minute, and
    /// a slow machine may need longer to see that nothing goes through it.
    pub async fn keep_breaker_open(&self) {
        let later = S::Sql::after("breaker_until", "3600");
        self.run(&format!("UPDATE dispatch_control SET breaker_until = {later}")).await;
    }

    /// Closes the circuit breaker, and has it forget what it has seen.
    pub async fn close_breaker(&self) {
        self.run(
            "UPDATE dispatch_control SET breaker_until = NULL, breaker_openings = 0, \
                 breaker_failures = 0, probe_token = NULL, probe_until = NULL \
             WHERE breaker_until IS NOT NULL OR breaker_failures > 0",
        )
        .await;
    }

    /// The number of a POST that is among the next few. Ask before the messages
    /// are stored that make it come: afterwards they may all be sent already.
    pub fn post_to_come(&self, dice: &mut Dice) -> usize {
        self.provider.requests().len() + 1 + dice.below(4)
    }

    /// A random moment while something is sent: after this POST, and a little
    /// later.
    pub async fn random_moment(&self, dice: &mut Dice, post: usize) {
        self.provider.wait_for_requests(post, LIMIT).await.expect("sends go on");
        let later = i64::try_from(dice.below(LATER)).expect("few");
        let moment = self.now().await + SignedDuration::from_micros(later);
        while self.now().await < moment {}
    }
}
