//! A message that meets a misbehaving provider, and one behind it.

use super::{
    LIMIT, Replica, Stage,
    sql::{Row, Sql},
    store::Store,
};
use dispatcher_mock_provider::Config;
use dispatcher_testkit::wait_until;
use futures_util::future::join_all;
use jiff::SignedDuration;

/// How the provider meets the first message, and what must come of it.
#[derive(Clone, Copy)]
pub struct Case {
    /// The provider's script; DATE stands for the time in ten hours.
    pub script: &'static str,
    pub settings: &'static [(&'static str, &'static str)],
    pub status: &'static str,
    pub reason: Option<&'static str>,
    pub in_ledger: bool,
    /// For how many seconds it waits at least and at most, if it does.
    pub waits: Option<(f64, f64)>,
    pub then: Then,
}

/// What the misbehaviour means for the message behind it.
#[derive(Clone, Copy)]
pub enum Then {
    GoesOn,
    /// All wait behind the circuit breaker, open for the reason of the first.
    Breaker,
    /// All wait as long as the first one.
    Throttle,
}

/// All of them at once.
pub async fn play<S: Store>(cases: &[Case]) {
    join_all(cases.iter().map(Case::play::<S>)).await;
}

impl Case {
    async fn play<S: Store>(&self) {
        let script = self.script;
        let stage = Stage::<S>::with(Config::default()).await;
        let time = stage.now().await + SignedDuration::from_hours(10);
        let time = time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        stage.provider.script(script.replace("DATE", &time).parse().expect("a script"));
        stage.insert(1, 2).await;
        let replica = stage.replica(self.settings).await;
        let first = ended(&stage).await;
        self.check(&first);
        match self.then {
            Then::GoesOn => {
                wait_until("the next one is sent", LIMIT, async || {
                    stage.count_of("message 2", "sent").await == 1
                })
                .await;
                let dispatch = replica.health().await["dispatch"].clone();
                assert_eq!(dispatch["circuit_breaker"], "closed", "{script}");
            }
            Then::Breaker | Then::Throttle => self.all_wait(&stage, &replica).await,
        }
        let texts = |text: Option<&str>| usize::from(text == Some("message 1"));
        let posts: usize =
            stage.provider.requests().iter().map(|post| texts(post.content.as_deref())).sum();
        let accepted: usize =
            stage.provider.ledger().iter().map(|entry| texts(Some(&entry.content))).sum();
        assert_eq!(
            (posts, accepted),
            (1, usize::from(self.in_ledger)),
            "{script}: POSTs, accepted"
        );
    }

    /// The row, once its only attempt has ended.
    fn check(&self, row: &Row) {
        let script = self.script;
        let told: (String, Option<String>) = (row.get("status"), row.text("status_reason"));
        let expected = (self.status.to_owned(), self.reason.map(str::to_owned));
        assert_eq!(told, expected, "{script}");
        let unknown = i32::from(self.status == "unconfirmed");
        let counted: (i32, i32) = (row.get("tries_used"), row.get("unknown_outcomes"));
        assert_eq!(counted, (unknown, unknown), "{script}: tries, unknown outcomes");
        let waits = row.find::<f64>("waits").map(|micros| micros / 1e6);
        match (waits, self.waits) {
            (None, None) => {}
            (Some(waits), Some((least, most))) if (least..=most).contains(&waits) => {}
            (told, expected) => panic!("{script}: waits {told:?}, expected {expected:?}"),
        }
    }

    async fn all_wait(&self, stage: &Stage<impl Store>, replica: &Replica) {
        stage.keep_breaker_open().await;
        let dispatch = replica.health().await["dispatch"].clone();
        match self.then {
            Then::GoesOn => {}
            Then::Breaker => {
                assert_eq!(dispatch["circuit_breaker"], "open", "{}", self.script);
                let reason = dispatch["circuit_breaker_reason"].as_str();
                assert_eq!(reason, self.reason, "{}", self.script);
                replica.program.wait_for_line("ALARM", LIMIT).await.expect("an alarm");
            }
            Then::Throttle => {
                assert_eq!(dispatch["circuit_breaker"], "closed", "{}", self.script);
                let left = dispatch["throttled_ms"].as_f64().expect("a time");
                let (_, most) = self.waits.expect("it waits");
                assert!(left > 0.0 && left <= most * 1000.0, "{}: {left} ms", self.script);
            }
        }
        // Longer than a replica waits before it looks again.
        stage.let_pass(800).await;
        assert_eq!(stage.count_of("message 2", "queued").await, 1, "{}", self.script);
        assert_eq!(stage.provider.requests().len(), 1, "{}", self.script);
    }
}

/// The first message, once its only attempt has ended.
async fn ended<S: Store>(stage: &Stage<S>) -> Row {
    let [until, from] = ["not_before", "finished_at"].map(S::Sql::micros);
    let sql = format!(
        "SELECT status, status_reason, tries_used, unknown_outcomes, {until} - {from} AS waits \
         FROM messages JOIN attempts ON message_uuid = uuid \
         WHERE content = 'message 1' AND finished_at IS NOT NULL"
    );
    wait_until("the first send has ended", LIMIT, async || !stage.rows(&sql).await.is_empty())
        .await;
    stage.rows(&sql).await.pop().expect("one attempt")
}

impl<S: Store> Stage<S> {
    /// How many messages with this text have this status.
    async fn count_of(&self, content: &str, status: &str) -> i64 {
        let sql = "SELECT count(*) FROM messages";
        self.number(&format!("{sql} WHERE content = '{content}' AND status = '{status}'")).await
    }
}
