//! The HTTP server.

use crate::Failure;
use actix_web::{App, HttpServer, dev::Server, dev::ServerHandle, middleware::from_fn, web};
use anyhow::anyhow;
use dispatcher_api::{Access, Api, configure, guard, meter_requests};
use std::{
    io::{self, ErrorKind},
    net::{SocketAddr, TcpListener},
    time::Duration,
};
use tokio::task::JoinHandle;

/// The server, listening and running.
pub(crate) struct Http {
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
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
        TcpListener::bind((host, port)).map_err(|error| {
            let advice = advice(&error);
            let told = format!("cannot listen on {host} port {port}: {advice}");
            Failure::unavailable(anyhow!(error).context(told))
        })
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

/// What to do about a place that cannot be had.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::AddrInUse => {
            "another program has it: end that one, or choose another port by SERVER_PORT \
             (in dev mode: --port)"
        }
        ErrorKind::PermissionDenied => {
            "this user may not take that port: choose one from 1024 on by SERVER_PORT \
             (in dev mode: --port)"
        }
        ErrorKind::AddrNotAvailable => {
            "that is no address of this machine: SERVER_HOST must be one, or 0.0.0.0 for all"
        }
        _ => "SERVER_HOST must be an address of this machine, or a name that leads to one",
    }
}

fn server(
    listener: TcpListener,
    api: Api,
    access: Access,
    shutdown: Duration,
) -> io::Result<Server> {
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
