//! What order costs: messages claimed and completed in a second, and how long a
//! claim takes, with each `ORDERING` on the same queue in the same run. The sends
//! between the two take no time. `none` is the baseline.
//!
//! `cargo bench -p dispatcher-postgres --bench ordering`, on a server of its own
//! that syncs to disk. Add `--profile dev` where no optimized build is at hand:
//! most of the work is the database's.

#[path = "../tests/support/mod.rs"]
mod support;

use dispatcher_contract::message_store::{accepted, request};
use dispatcher_domain::{
    ClaimResult, ClaimedMessage, DispatchPolicy, Ordering,
    ports::{DispatchControl, MessageRepo},
};
use dispatcher_postgres::{Db, PgConfig, PgDispatchControl, PgMessageRepo, migrations};
use dispatcher_testkit::PrivatePostgres;
use std::{
    env,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls};

/// Messages of a round; with strict order a tenth, one at a time.
const ROUND: usize = 2_000;
/// What a replica has in flight at most.
const IN_FLIGHT: u32 = 8;
const REPLICAS: [usize; 2] = [1, 4];

/// What stands in the queue: name, and the recipient of the n-th of 20,000.
const QUEUES: [(&str, &str); 3] = [
    ("20,000 recipients, a message each", "n"),
    ("500 recipients, 40 messages each", "n % 500"),
    ("one recipient with 2,000 messages in front", "CASE WHEN n <= 2000 THEN 0 ELSE n END"),
];

/// Beside the queue: what must not cost anything.
const BESIDE: &str = "\
    INSERT INTO messages (phone_number, content, not_before) \
    SELECT '+90666' || lpad(n::text, 7, '0'), 'Hello', now() + interval '1 day' \
    FROM generate_series(1, 200000) n; \
    INSERT INTO messages (phone_number, content, not_before, expires_at) \
    SELECT '+90666' || lpad(n::text, 7, '0'), 'Hello', now() + interval '1 day', \
           now() + interval '2 days' \
    FROM generate_series(1, 200000) n";

fn main() {
    // `cargo test --benches` only asks whether it runs.
    let is_bench = env::args().any(|argument| argument == "--bench");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(run(if is_bench { ROUND } else { 20 }));
}

async fn run(round: usize) {
    let server = PrivatePostgres::start_durable().await.expect("a server");
    let config = support::config(server.parts());
    migrations::migrate(&config, Duration::from_secs(60)).await.expect("the migrations");
    let (sql, connection) = tokio_postgres::connect(&server.url(), NoTls).await.expect("a client");
    tokio::spawn(connection);
    for (queue, to) in QUEUES {
        sql.batch_execute("TRUNCATE messages").await.expect("an empty queue");
        for beside in [false, true] {
            if beside {
                sql.batch_execute(BESIDE).await.expect("what is scheduled");
            }
            let also = if beside { ", beside 400,000 that are scheduled" } else { "" };
            println!("\n{queue}{also}");
            println!("| replicas | ordering | messages/s | of `none` | claim, median |");
            println!("|---|---|---:|---:|---:|");
            for replicas in REPLICAS {
                let mut baseline = None;
                for ordering in [Ordering::None, Ordering::Recipient, Ordering::Strict] {
                    fill(&sql, to).await;
                    let messages = if ordering == Ordering::Strict { round / 10 } else { round };
                    let told = measure(&config, replicas, ordering, messages).await;
                    let baseline = *baseline.get_or_insert(told.per_second);
                    println!(
                        "| {replicas} | `{ordering}` | {:.0} | {:.0} % | {:.1} ms |",
                        told.per_second,
                        told.per_second / baseline * 100.0,
                        told.claim.as_secs_f64() * 1000.0
                    );
                }
            }
        }
    }
}

async fn fill(sql: &Client, to: &str) {
    let fill = format!(
        "TRUNCATE attempts; DELETE FROM messages WHERE not_before IS NULL; \
         INSERT INTO messages (phone_number, content) \
         SELECT '+90555' || lpad(({to})::text, 7, '0'), 'Hello' FROM generate_series(1, 20000) n"
    );
    sql.batch_execute(&fill).await.expect("the queue is filled");
    sql.batch_execute("VACUUM (ANALYZE) messages").await.expect("statistics");
}

struct Told {
    per_second: f64,
    claim: Duration,
}

#[expect(clippy::disallowed_methods, reason = "what is measured is the time")]
async fn measure(config: &PgConfig, replicas: usize, ordering: Ordering, messages: usize) -> Told {
    let control = PgDispatchControl::new(Db::connect_lazily(config).expect("a pool"));
    let policy = DispatchPolicy { batch_size: NonZeroU32::MIN, period: Duration::ZERO, ordering };
    control.install_policy(policy).await.expect("the policy");
    let began = Instant::now();
    let mut working = JoinSet::new();
    for _ in 0..replicas {
        working.spawn(work(config.clone(), messages / replicas));
    }
    let mut claims = working.join_all().await.concat();
    let took = began.elapsed();
    claims.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let per_second = messages as f64 / took.as_secs_f64();
    Told { per_second, claim: claims[claims.len() / 2] }
}

/// Claims and completes so many; how long the claims took that started something.
#[expect(clippy::disallowed_methods, reason = "what is measured is the time")]
async fn work(config: PgConfig, messages: usize) -> Vec<Duration> {
    let repo = Arc::new(PgMessageRepo::new(Db::connect_lazily(&config).expect("a pool")));
    let (mut done, mut claims) = (0, Vec::new());
    while done < messages {
        let began = Instant::now();
        let claim = repo.claim_due(&request(IN_FLIGHT)).await.expect("the store answers");
        let ClaimResult::Started(started) = claim.result else { continue };
        claims.push(began.elapsed());
        done += started.len();
        let ends = started.into_iter().map(|message| complete(Arc::clone(&repo), message));
        ends.collect::<JoinSet<_>>().join_all().await;
    }
    claims
}

async fn complete(repo: Arc<PgMessageRepo>, message: ClaimedMessage) {
    let recorded = repo.record_outcome(message.id, &message.lease, &accepted()).await;
    recorded.expect("the store answers");
}
