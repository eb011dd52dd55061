//! A direct connection: migrations hold a lock and settings of their session,
//! and a pooler in transaction mode would give it to others: two migrators could
//! both have the lock, and it would stay when both are gone.

use super::{MigrateError, patience::Patience};
use crate::{PgConfig, servers::Servers, tls};
use tokio::{task::JoinHandle, time::timeout};
use tokio_postgres::{Client, Config, Error, error::SqlState};

/// A client and the task that moves its bytes, which ends with it.
pub(super) struct Connection {
    pub(super) client: Client,
    driver: JoinHandle<()>,
}

/// A setting that only a session of our own can have: poolers refuse or ignore
/// what a client wants of its session at the start. (That one is shared cannot
/// be seen in it: a pooler gives the same one again, as long as nobody else
/// wants it.)
const OURS: &str = "dispatcher.own_session";

/// Connects; waits for a server that is not up yet.
pub(super) async fn open(
    config: &PgConfig,
    patience: &mut Patience,
) -> Result<Connection, MigrateError> {
    loop {
        match open_once(config).await {
            Err(error) if error.is_transient() && !patience.is_over() => {
                if patience.is_time_to_tell() {
                    not_there_yet(&error);
                }
                patience.pause().await;
            }
            other => return other,
        }
    }
}

fn not_there_yet(error: &MigrateError) {
    let error = error as &dyn std::error::Error;
    tracing::info!(error, "the database is not there yet: waiting for it");
}

async fn open_once(config: &PgConfig) -> Result<Connection, MigrateError> {
    // The driver limits the time to connect, not the time to log in.
    let servers = Servers::with_options(config, &format!("-c {OURS}=on"));
    let tls = tls::connector(config)?;
    let connect = |config: Config| {
        let tls = tls.clone();
        async move { config.connect(tls).await }
    };
    let log_in = timeout(config.timeout, servers.connect(connect));
    let no_answer = |_| MigrateError::NoAnswer { waited: config.timeout };
    let (client, connection) = log_in.await.map_err(no_answer)?.map_err(refused)?;
    let driver = tokio::spawn(async move {
        // Its error also reaches the statement that waits.
        if let Err(error) = connection.await {
            tracing::debug!(error = &error as &dyn std::error::Error, "connection ended");
        }
    });
    let connection = Connection { client, driver };
    if is_ours(&connection.client).await? { Ok(connection) } else { Err(MigrateError::Pooled) }
}

async fn is_ours(client: &Client) -> Result<bool, Error> {
    let sql = format!("SELECT coalesce(current_setting('{OURS}', TRUE), '') = 'on'");
    let rows = client.query_typed(&sql, &[]).await?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}

/// PgBouncer names the parameter that it will not have.
fn refused(error: Error) -> MigrateError {
    let pooled = error.as_db_error().is_some_and(|answer| {
        answer.code() == &SqlState::PROTOCOL_VIOLATION
            && answer.message().contains("startup parameter")
    });
    if pooled { MigrateError::Pooled } else { error.into() }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
