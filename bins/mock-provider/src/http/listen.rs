//! The listener and its connections.

use std::{sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
};

use super::{Dropped, routes};
use crate::{clock, state::State};

/// How long to wait when the machine has no more sockets to give.
const BREATH: Duration = Duration::from_millis(50);

/// What another kind of server might say.
const NONSENSE: &[u8] = b"220 mail.example ESMTP\r\n";

/// Serves until `stop` is told or dropped; then closes the port and every connection, and returns when they are gone.
/// Aborting this future closes them as well, a moment later.
pub(crate) async fn serve(
    listener: TcpListener,
    state: Arc<State>,
    mut stop: oneshot::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stop => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, Arc::clone(&state)));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    clock::pause(BREATH).await;
                }
            }
        }
    }
    drop(listener);
    connections.shutdown().await;
}

/// One connection, until either side closes it.
async fn converse(stream: TcpStream, state: Arc<State>) {
    // Single bytes are to leave one by one.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let state = Arc::clone(&state);
        async move { routes::route(&state, request).await }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = (&mut connection).await {
        tracing::debug!(%error, "a connection ended early");
        end(connection.into_parts().io.into_inner(), &error).await;
    }
}

/// Closes a connection as the script has it.
async fn end(mut stream: TcpStream, error: &hyper::Error) {
    let how = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Dropped>());
    // The client may be gone, which is its own affair.
    let _ = match how {
        Some(Dropped::Nonsense) => stream.write_all(NONSENSE).await,
        Some(Dropped::Reset) => stream.set_zero_linger(),
        Some(Dropped::Closed) | None => Ok(()),
    };
}
