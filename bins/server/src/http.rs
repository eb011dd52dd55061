//! The HTTP server.

use crate::Failure;
use actix_web::{App, HttpServer, dev::Server, dev::ServerHandle, middleware::from_fn, web};
use anyhow::{Context, anyhow};
use dispatcher_api::{Access, Api, configure, guard, meter_requests};
use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};
use tokio::task::JoinHandle;

/// The server, listening and running.
pub(crate) struct Http {
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

/// Few: handlers only pass on to the main runtime.
const WORKERS: usize = 2;

/// Slower ones do not get to send their headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);

impl Http {
    /// Takes the port.
    ///
    /// # Errors
    /// The port is taken, or the address is not ours.
    pub(crate) fn bind(host: &str, port: u16) -> Result<TcpListener, Failure> {
        let listener = TcpListener::bind((host, port)).with_context(|| {
            format!(
                "cannot listen on {host} port {port}: \
                 is another program there? \
                 SERVER_PORT and SERVER_HOST choose another place (in dev mode: --port)"
            )
        });
        listener.map_err(Failure::unavailable)
    }

    /// Serves `api` to those who have `access`, on a port that is taken already.
    ///
    /// # Errors
    /// The operating system refuses.
    pub(crate) fn start(
        listener: TcpListener,
        api: Api,
        access: Access,
        shutdown: Duration,
    ) -> Result<Self, Failure> {
        let address = listener.local_addr().map_err(Failure::internal)?;
        let server = server(listener, api, access, shutdown).map_err(Failure::internal)?;
        let handle = server.handle();
        Ok(Self { address, handle, task: tokio::spawn(server) })
    }

    /// Returns when the server ends by itself, which it should not.
    pub(crate) async fn ended(&mut self) -> Failure {
        let ended = (&mut self.task).await;
        Failure::internal(anyhow!("the HTTP server ended by itself: {ended:?}"))
    }

    /// Takes no new connection and finishes the requests under way.
    pub(crate) async fn stop(&self) {
        self.handle.stop(true).await;
    }
}

fn server(
    listener: TcpListener,
    api: Api,
    access: Access,
    shutdown: Duration,
) -> std::io::Result<Server> {
    let api = web::Data::new(api);
    let app = move || {
        App::new()
            .configure(|app| configure(app, api.clone()))
            .wrap(from_fn(move |request, next| guard(access, request, next)))
            // Outermost: what is refused is counted as well.
            .wrap(from_fn(meter_requests))
    };
    let server = HttpServer::new(app)
        .workers(WORKERS)
        // Signals are ours: sends are finished before the process ends.
        .disable_signals()
        .client_request_timeout(HEADERS_WITHIN)
        .shutdown_timeout(shutdown.as_secs().max(1))
        .listen(listener)?;
    Ok(server.run())
}
