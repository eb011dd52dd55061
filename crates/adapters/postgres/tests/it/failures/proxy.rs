//! A line to the server that breaks at COMMIT.

use dispatcher_postgres::{PgConfig, PgServer};
use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering::SeqCst},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// What happens when the client says COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum AtCommit {
    /// It goes through.
    Pass = 0,
    /// The line breaks: the server never hears it.
    CutBefore = 1,
    /// The server does it, and the line breaks on the way back.
    CutAfter = 2,
    /// Nobody hears anything any more, and the line stays up.
    FallSilent = 3,
}

/// The simple query, as it stands on the wire.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

pub(super) struct Proxy {
    port: u16,
    mode: Arc<AtomicU8>,
    silent: Arc<Notify>,
}

impl Proxy {
    /// A line to the server of `config` that works for now.
    pub(super) async fn to(config: &PgConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mode = Arc::new(AtomicU8::new(AtCommit::Pass as u8));
        let silent = Arc::new(Notify::new());
        let (server, shared) = (config.servers[0].clone(), Arc::clone(&mode));
        let fallen = Arc::clone(&silent);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect((&*server.host, server.port)).await.unwrap();
                tokio::spawn(carry(client, server, Arc::clone(&shared), Arc::clone(&fallen)));
            }
        });
        Self { port, mode, silent }
    }

    pub(super) fn at_commit(&self, what: AtCommit) {
        self.mode.store(what as u8, SeqCst);
    }

    /// Returns when somebody said COMMIT, and heard nothing any more.
    pub(super) async fn fallen_silent(&self) {
        self.silent.notified().await;
    }

    /// The way to the same server through here.
    pub(super) fn config(&self, direct: &PgConfig) -> PgConfig {
        PgConfig {
            servers: vec![PgServer { host: "127.0.0.1".to_owned(), port: self.port }],
            ..direct.clone()
        }
    }
}

/// Ends, and with it both connections, when one side ends or the line is cut.
async fn carry(
    mut client: TcpStream,
    mut server: TcpStream,
    mode: Arc<AtomicU8>,
    silent: Arc<Notify>,
) {
    let (mut from_client, mut from_server) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let bytes = match read { Ok(1..) => &from_client[..read.unwrap()], _ => return };
                // The driver writes each message with one call, and this one is short.
                let is_commit = bytes.windows(COMMIT.len()).any(|window| window == COMMIT);
                match mode.load(SeqCst) {
                    1 if is_commit => return,
                    2 if is_commit => return do_but_do_not_tell(&mut server, bytes).await,
                    3 if is_commit => {
                        silent.notify_one();
                        return std::future::pending().await;
                    }
                    _ => if server.write_all(bytes).await.is_err() { return },
                }
            }
            read = server.read(&mut from_server) => {
                let Ok(read @ 1..) = read else { return };
                if client.write_all(&from_server[..read]).await.is_err() { return }
            }
        }
    }
}

async fn do_but_do_not_tell(server: &mut TcpStream, bytes: &[u8]) {
    server.write_all(bytes).await.unwrap();
    // Its answer: by then it is done.
    server.read_u8().await.unwrap();
}
