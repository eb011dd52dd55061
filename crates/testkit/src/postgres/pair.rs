//! Two PostgreSQL servers, of which one is the primary and the other follows it, and takes its place.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio_postgres::Client;

use super::copy::STANDBY;
use super::shared::connect;
use super::{PostgresParts, PrivatePostgres};
use crate::wait_until;

/// Far more than the slowest machine needs for any of this.
const LIMIT: Duration = Duration::from_secs(180);

/// A primary and its synchronous standby, on two ports that stay theirs: what is acknowledged is on both.
///
/// ```no_run
/// # async fn example() -> anyhow::Result<()> {
/// use dispatcher_testkit::PostgresPair;
///
/// let pair = PostgresPair::start().await?;
/// // … connect to pair.url() …
/// pair.kill_primary().await?;
/// pair.promote().await?;
/// // … see how the program follows …
/// pair.rebuild().await?;
/// # Ok(())
/// # }
/// ```
///
/// **Nothing is promoted beside a primary that lives**: that would be two, each with its own truth.
/// [`PostgresPair::promote`] refuses.
///
/// **Who waits for whom.** A primary whose standby is away lets every COMMIT wait. A server that has just been
/// promoted has no standby, and waits for none, so that clients go on at once: what it acknowledges until
/// [`PostgresPair::rebuild`] is over is on one server only, and a test that kills it before finds that out.
#[derive(Debug)]
pub struct PostgresPair {
    servers: [PrivatePostgres; 2],
    primary: AtomicUsize,
}

impl PostgresPair {
    /// Makes both, with the settings that PostgreSQL has by default: they write through to the disk. Returns when
    /// the standby is synchronous.
    ///
    /// # Errors
    ///
    /// As [`PostgresServer::start`](super::PostgresServer::start).
    pub async fn start() -> anyhow::Result<Self> {
        let primary = PrivatePostgres::start_durable().await?;
        let standby = PrivatePostgres::standby_of(primary.parts()).await?;
        let pair = Self { servers: [primary, standby], primary: AtomicUsize::new(0) };
        pair.until_synchronous().await?;
        Ok(pair)
    }

    /// A URL that names both servers and wants the one that takes writes; stays the same.
    pub fn url(&self) -> String {
        let [one, other] = self.places();
        Self::url_of(one, &other.host, other.port)
    }

    /// The same by way of something before the servers, which listens at these places.
    pub fn url_through(&self, places: [(&str, u16); 2]) -> String {
        let [(host, port), (other, other_port)] = places;
        let one = PostgresParts { host: host.to_owned(), port, ..self.primary().clone() };
        Self::url_of(&one, other, other_port)
    }

    fn url_of(one: &PostgresParts, other: &str, port: u16) -> String {
        let url = one.url();
        // The password has no slash in it: it would be encoded.
        let at = url.rfind('/').unwrap_or(url.len());
        let (before, database) = url.split_at(at);
        format!("{before},{other}:{port}{database}?target_session_attrs=read-write")
    }

    /// Both, in the order of [`PostgresPair::url`].
    pub fn places(&self) -> [&PostgresParts; 2] {
        self.servers.each_ref().map(PrivatePostgres::parts)
    }

    /// Which of the two is the primary.
    pub fn place_of_primary(&self) -> usize {
        self.primary.load(Ordering::Acquire)
    }

    /// Where the primary is.
    pub fn primary(&self) -> &PostgresParts {
        self.server(0).parts()
    }

    /// Where the standby is.
    pub fn standby(&self) -> &PostgresParts {
        self.server(1).parts()
    }

    /// The primary, or the one that is so many places further.
    fn server(&self, further: usize) -> &PrivatePostgres {
        &self.servers[(self.place_of_primary() + further) % 2]
    }

    /// Stops the primary as a crash would; returns when it is gone.
    ///
    /// # Errors
    ///
    /// When it is dead already.
    pub async fn kill_primary(&self) -> anyhow::Result<()> {
        self.server(0).stop_immediate().await
    }

    /// Makes the standby the primary; returns when it takes writes.
    ///
    /// # Errors
    ///
    /// When the primary is not dead, or the standby is.
    pub async fn promote(&self) -> anyhow::Result<()> {
        ensure!(!self.server(0).is_running(), "the primary lives: there would be two of them");
        let standby = connect(self.standby()).await?;
        let promote = format!("SELECT pg_promote(true, {})", LIMIT.as_secs());
        let promoted: bool = standby.query_one(&promote, &[]).await?.get(0);
        ensure!(promoted, "the standby was not promoted in {LIMIT:?}");
        self.primary.fetch_xor(1, Ordering::AcqRel);
        Ok(())
    }

    /// Makes the dead server a standby of the primary, from a new copy: it may have what the other never had.
    /// Returns when it is synchronous, so that the next one may be killed.
    ///
    /// # Errors
    ///
    /// When it is not dead, or the primary is.
    pub async fn rebuild(&self) -> anyhow::Result<()> {
        self.server(1).follow(self.primary()).await?;
        self.until_synchronous().await
    }

    /// Stops the standby as a crash would. From now on every COMMIT waits.
    ///
    /// # Errors
    ///
    /// When it is dead already.
    pub async fn kill_standby(&self) -> anyhow::Result<()> {
        self.server(1).stop_immediate().await
    }

    /// Starts the standby again, with what it had. If the primary lives, it returns when the standby is synchronous
    /// and no COMMIT waits any more; else it can be promoted.
    ///
    /// # Errors
    ///
    /// When it is running, or does not start.
    pub async fn start_standby(&self) -> anyhow::Result<()> {
        self.server(1).start_again().await?;
        if self.server(0).is_running() { self.until_synchronous().await } else { Ok(()) }
    }

    /// Starts the dead server as what it was, and no standby: what a service manager does, if nobody fenced it. After a
    /// fail-over there are two that take writes then, of which the old one lets every COMMIT wait.
    ///
    /// # Errors
    ///
    /// When it is running, or does not start.
    pub async fn revive(&self) -> anyhow::Result<()> {
        self.server(1).start_again().await
    }

    /// What an administrator does who must not: ends the waiting of every COMMIT. How many there were.
    ///
    /// # Errors
    ///
    /// When the primary is dead.
    pub async fn cancel_waits(&self) -> anyhow::Result<usize> {
        let sql =
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        Ok(connect(self.primary()).await?.query(sql, &[]).await?.len())
    }

    /// How many COMMITs wait for the standby.
    ///
    /// # Errors
    ///
    /// When the primary is dead.
    pub async fn waits(&self) -> anyhow::Result<usize> {
        waits(self.primary()).await
    }

    /// The same of the old primary, after [`PostgresPair::revive`].
    ///
    /// # Errors
    ///
    /// When that is dead.
    pub async fn waits_of_the_old(&self) -> anyhow::Result<usize> {
        waits(self.standby()).await
    }

    /// Has the primary wait for its standby with every COMMIT, and sees to it that it does.
    async fn until_synchronous(&self) -> anyhow::Result<()> {
        let primary = connect(self.primary()).await?;
        let follows = "state = 'streaming'";
        wait_until("the standby follows", LIMIT, async || standby(&primary, follows).await).await;
        let setting = format!("ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'");
        primary.batch_execute(&setting).await.context("a setting")?;
        primary.batch_execute("SELECT pg_reload_conf()").await.context("a reload")?;
        let counts = "sync_state = 'sync'";
        wait_until("the standby counts", LIMIT, async || standby(&primary, counts).await).await;
        // The process that makes the others wait is the one that makes checkpoints: it has read the setting when it
        // has made one.
        primary.batch_execute("CHECKPOINT").await.context("a checkpoint")?;
        // And what was acknowledged before has arrived, too.
        let end = primary.query_one("SELECT pg_current_wal_lsn()::text", &[]).await?;
        let arrived = format!("flush_lsn >= '{}'", end.get::<_, String>(0));
        wait_until("the standby has all", LIMIT, async || standby(&primary, &arrived).await).await;
        Ok(())
    }
}

async fn waits(server: &PostgresParts) -> anyhow::Result<usize> {
    let sql = "SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    Ok(connect(server).await?.query(sql, &[]).await?.len())
}

/// Whether this is true of the standby, as its primary sees it.
async fn standby(primary: &Client, is: &str) -> bool {
    let sql =
        format!("SELECT FROM pg_stat_replication WHERE application_name = '{STANDBY}' AND {is}");
    primary.query(&sql, &[]).await.is_ok_and(|rows| rows.len() == 1)
}
