//! A direct connection: migrations hold a session lock, which a pooler in
//! transaction mode would lose.

use super::MigrateError;
use crate::{PgConfig, tls};
use tokio::task::JoinHandle;
use tokio_postgres::Client;

/// A client and the task that moves its bytes, which ends with it.
pub(super) struct Connection {
    pub(super) client: Client,
    driver: JoinHandle<()>,
}

pub(super) async fn open(config: &PgConfig) -> Result<Connection, MigrateError> {
    let (client, connection) = config.driver_config().connect(tls::connector(config)?).await?;
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
