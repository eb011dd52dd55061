//! Messages in number, and waiting for what becomes of them.

use super::{LIMIT, Stage, chance::Dice};
use dispatcher_testkit::wait_until;

/// How often a random moment asks the database something, at most: some 30 ms,
/// so that the moment falls anywhere in a send.
const QUESTIONS: usize = 150;

impl Stage {
    /// Writes `count` messages numbered from `first` to so many `recipients`
    /// in turn. Every third number is spelt in another way.
    pub(crate) async fn insert_to(&self, first: i32, count: i32, recipients: i32) {
        let sql = "\
            INSERT INTO messages (phone_number, content) \
            SELECT CASE n / $3::int % 3 \
                WHEN 0 THEN '+90555' || lpad((n % $3)::text, 7, '0') \
                WHEN 1 THEN '90 555 ' || lpad((n % $3)::text, 7, '0') \
                ELSE '+90-555-' || lpad((n % $3)::text, 7, '0') END, 'message ' || n \
            FROM generate_series($1::int, $1::int + $2::int - 1) AS n ORDER BY n";
        self.sql.execute(sql, &[&first, &count, &recipients]).await.expect("an insert");
    }

    /// Waits until no message is queued or being sent.
    pub(crate) async fn until_all_are_final(&self) {
        wait_until("no message is queued or being sent", LIMIT, async || {
            self.count("queued").await + self.count("sending").await == 0
        })
        .await;
    }

    /// Waits until the database's clock has gone on by so much: that nothing
    /// happens can only be seen over some time.
    pub(crate) async fn let_pass(&self, millis: i32) {
        let sql = "SELECT clock_timestamp() + make_interval(secs => $1::int / 1000.0)";
        let end: jiff::Timestamp =
            self.sql.query_one(sql, &[&millis]).await.expect("a time").get(0);
        wait_until("the time is over", LIMIT, async || {
            let row = self.sql.query_one("SELECT clock_timestamp() > $1", &[&end]).await;
            row.expect("a time").get(0)
        })
        .await;
    }

    /// Keeps the circuit breaker open for an hour: it opens for half a minute, and
    /// a slow machine may need longer to see that nothing goes through it.
    pub(crate) async fn keep_breaker_open(&self) {
        let sql = "UPDATE dispatch_control SET breaker_until = breaker_until + interval '1 hour'";
        self.sql.execute(sql, &[]).await.expect("an update");
    }

    /// The number of a POST that is among the next few. Ask before the messages
    /// are stored that make it come: afterwards they may all be sent already.
    pub(crate) fn post_to_come(&self, dice: &mut Dice) -> usize {
        self.provider.requests().len() + 1 + dice.below(4)
    }

    /// A random moment while something is sent: after this POST, and a little
    /// later.
    pub(crate) async fn random_moment(&self, dice: &mut Dice, post: usize) {
        self.provider.wait_for_requests(post, LIMIT).await.expect("sends go on");
        for _ in 0..dice.below(QUESTIONS) {
            self.sql.simple_query("SELECT 1").await.expect("an answer");
        }
    }
}
