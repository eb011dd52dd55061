//! Moves the bytes of pooled connections, and listens to what the server says
//! beside its answers.

use deadpool_postgres::Connect;
use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::JoinHandle,
};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, Socket, tls::TlsStream};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How many warnings the connections of one pool have heard; clones share it.
///
/// A server that stops waiting for its synchronous standby reports success of
/// the COMMIT all the same, after such a warning. The count is the pool's and
/// not the connection's, because the pool has no room to tell whose it was: at
/// worst, a call is not confirmed that a neighbour's warning overtook.
#[derive(Clone, Default)]
pub(crate) struct Warnings(Arc<AtomicU64>);

impl Warnings {
    /// So many until now.
    pub(crate) fn heard(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// Opens connections for the pool.
pub(crate) struct Driver {
    pub(crate) tls: MakeRustlsConnect,
    pub(crate) warnings: Warnings,
}

type Opened = Result<(Client, JoinHandle<()>), Error>;

impl Connect for Driver {
    fn connect(&self, config: &Config) -> Pin<Box<dyn Future<Output = Opened> + Send + '_>> {
        let config = config.clone();
        Box::pin(async move {
            let (client, connection) = config.connect(self.tls.clone()).await?;
            Ok((client, tokio::spawn(drive(connection, self.warnings.clone()))))
        })
    }
}

/// Runs until the client is dropped or the connection breaks.
async fn drive<T>(mut connection: Connection<Socket, T>, warnings: Warnings)
where
    T: AsyncRead + AsyncWrite + TlsStream + Unpin,
{
    // A warning is counted before the answer behind it is handed on.
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notice(notice)) if notice.severity() == "WARNING" => {
                warnings.0.fetch_add(1, Ordering::Release);
                // Its text may quote rows.
                tracing::warn!(sqlstate = notice.code().code(), "PostgreSQL warns");
            }
            Ok(_) => {}
            // It also reaches the statement that waits.
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                return tracing::debug!(error, "a connection to PostgreSQL broke");
            }
        }
    }
}
