//! A tap on the line between a replica and one of its servers.
//!
//! It carries bytes and knows what they say: a test that watches for a moment
//! is told when it has come, and the line stands still from then on. So a
//! process can be killed between any two steps of the protocol, and the program
//! under test is the one that ships: nothing is built into it.
//!
//! A tap also brings the line into trouble, see [`Fault`].

mod carry;
mod fault;
mod http;
mod moment;
mod postgres;
mod redis;

pub use fault::{Direction, Fault};
pub use moment::{Edge, Moment, Progress, Step};

use carry::carry;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot, watch},
    task::{AbortHandle, JoinSet},
};

/// What is spoken on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    Postgres,
    Redis,
    Http,
}

/// A tap; when it is dropped its lines break.
pub struct Tap {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: AbortHandle,
}

/// What the lines of a tap have in common.
struct Shared {
    wire: Wire,
    watches: Mutex<Vec<Watch>>,
    forgotten: Notify,
    fault: watch::Sender<Fault>,
    /// Ends the lines that are open.
    cut: watch::Sender<()>,
}

/// Somebody waits for a moment; once it has come, he is not told again.
struct Watch {
    moment: Moment,
    tell: Option<oneshot::Sender<()>>,
}

impl Tap {
    /// Puts a tap before the server at `upstream`.
    pub async fn before(upstream: SocketAddr, wire: Wire) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let fault = watch::Sender::new(Fault::None);
        let (watches, forgotten, cut) = (Mutex::default(), Notify::new(), watch::Sender::new(()));
        let shared = Arc::new(Shared { wire, watches, forgotten, fault, cut });
        let lines = Arc::clone(&shared);
        let task = tokio::spawn(listen(listener, upstream, lines)).abort_handle();
        Self { address, shared, task }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Tells that `moment` has come on one of the lines. That line stands still
    /// then, and so does every other one at the same moment: nobody slips past.
    pub fn watch(&self, moment: Moment) -> oneshot::Receiver<()> {
        let (tell, come) = oneshot::channel();
        self.shared.watches().push(Watch { moment, tell: Some(tell) });
        come
    }

    /// Watches for nothing any more; what stands still goes on.
    pub fn forget(&self) {
        self.shared.watches().clear();
        self.shared.forgotten.notify_waiters();
    }

    /// Ends all lines that are open, also those that stand still: what they still
    /// had to carry is lost. New ones may come.
    pub fn cut(&self) {
        self.shared.cut.send_replace(());
    }

    /// From now on all lines, also those that are open, have this trouble.
    pub fn bring(&self, fault: Fault) {
        self.shared.fault.send_replace(fault);
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn watches(&self) -> MutexGuard<'_, Vec<Watch>> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_watched(&self, moment: Moment) -> bool {
        self.watches().iter().any(|watch| watch.moment == moment)
    }

    /// Whether somebody watches for this; they are told.
    fn has_come(&self, moment: Moment) -> bool {
        let mut watches = self.watches();
        let Some(watch) = watches.iter_mut().find(|watch| watch.moment == moment) else {
            return false;
        };
        if let Some(tell) = watch.tell.take() {
            // Who watched may have given up; the line stands still all the same.
            let _ = tell.send(());
        }
        true
    }
}

/// Carries every connection; all of them end with this task.
async fn listen(listener: TcpListener, upstream: SocketAddr, shared: Arc<Shared>) {
    let mut lines = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while lines.try_join_next().is_some() {}
        let shared = Arc::clone(&shared);
        lines.spawn(async move {
            // A server that is down refuses; so does a tap before it.
            let Ok(server) = TcpStream::connect(upstream).await else { return };
            carry(client, server, &shared).await;
        });
    }
}
