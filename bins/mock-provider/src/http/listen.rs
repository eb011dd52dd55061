//! The listener and its connections.

use std::{sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
};

use super::routes;
use crate::{clock, state::State};

/// How long to wait when the machine has no more sockets to give.
const BREATH: Duration = Duration::from_millis(50);

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
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
    {
        tracing::debug!(%error, "a connection ended early");
    }
}
