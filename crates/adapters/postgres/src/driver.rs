//! Moves the bytes of pooled connections, and listens to what the server says
//! beside its answers.

use crate::servers::Servers;
use deadpool_postgres::Connect;
use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::Context,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::JoinHandle,
};
use tokio_postgres::{
    AsyncMessage, Client, Config, Connection, Error, Socket, error::Severity, tls::TlsStream,
};
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
    pub(crate) servers: Servers,
    pub(crate) tls: MakeRustlsConnect,
    pub(crate) warnings: Warnings,
}

type Opened = Result<(Client, JoinHandle<()>), Error>;

impl Connect for Driver {
    fn connect(&self, _: &Config) -> Pin<Box<dyn Future<Output = Opened> + Send + '_>> {
        Box::pin(async move {
            let connect = |config: Config| {
                let tls = self.tls.clone();
                async move { config.connect(tls).await }
            };
            let (client, connection) = self.servers.connect(connect).await?;
            Ok((client, tokio::spawn(drive(connection, self.warnings.clone()))))
        })
    }
}

/// Runs until the client is dropped or the connection breaks.
async fn drive<T>(mut connection: Connection<Socket, T>, warnings: Warnings)
where
    T: AsyncRead + AsyncWrite + TlsStream + Unpin,
{
    // What the server says at a login (a collation's version, say) is handed on
    // first, and concerns no COMMIT: it comes before there is nothing to read.
    let mut logged_in = false;
    let mut next = |context: &mut Context<'_>| {
        let message = connection.poll_message(context);
        logged_in |= message.is_pending();
        message.map(|message| message.map(|message| (message, logged_in)))
    };
    // A warning is counted before the answer behind it is handed on.
    while let Some((message, logged_in)) = poll_fn(&mut next).await {
        match message {
            // The other severity is in the language of the server.
            Ok(AsyncMessage::Notice(notice))
                if logged_in && notice.parsed_severity() == Some(Severity::Warning) =>
            {
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
