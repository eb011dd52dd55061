//! A direct connection: migrations hold a session lock, which a pooler in
//! transaction mode would lose.

use super::{MigrateError, patience::Patience};
use crate::{PgConfig, tls};
use tokio::{task::JoinHandle, time::timeout};
use tokio_postgres::Client;

/// A client and the task that moves its bytes, which ends with it.
pub(super) struct Connection {
    pub(super) client: Client,
    driver: JoinHandle<()>,
}

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
    let (driver_config, tls) = (config.driver_config(), tls::connector(config)?);
    let log_in = timeout(config.timeout, driver_config.connect(tls));
    let no_answer = |_| MigrateError::NoAnswer { waited: config.timeout };
    let (client, connection) = log_in.await.map_err(no_answer)??;
    let driver = tokio::spawn(async move {
        // Its error also reaches the statement that waits.
        if let Err(error) = connection.await {
            tracing::debug!(error = &error as &dyn std::error::Error, "connection ended");
        }
    });
    Ok(Connection { client, driver })
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
