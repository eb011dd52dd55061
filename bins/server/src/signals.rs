//! Being asked to stop: by SIGTERM, by Ctrl-C, and by impatience.

use tokio::sync::mpsc;

/// Exit code of a process that a second signal ended: 128 + SIGTERM.
const IMPATIENT: i32 = 143;

/// The signals that ask this process to stop.
pub struct Signals(mpsc::Receiver<&'static str>);

impl Signals {
    /// Listens from now on. The second signal ends the process at once.
    ///
    /// # Errors
    /// The operating system refuses to listen.
    pub fn listen() -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::channel(2);
        let mut listener = listener::Listener::new()?;
        tokio::spawn(async move {
            let name = listener.next().await;
            // Whoever listened may be gone: then the process ends anyway.
            let _ = sender.send(name).await;
            let name = listener.next().await;
            tracing::warn!(signal = name, "second signal: ending at once");
            std::process::exit(IMPATIENT);
        });
        Ok(Self(receiver))
    }

    /// The first signal.
    pub(crate) async fn stop(&mut self) -> &'static str {
        match self.0.recv().await {
            Some(name) => name,
            None => std::future::pending().await,
        }
    }
}

#[cfg(unix)]
mod listener {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    pub(super) struct Listener {
        terminate: Signal,
        interrupt: Signal,
    }

    impl Listener {
        pub(super) fn new() -> std::io::Result<Self> {
            Ok(Self {
                terminate: signal(SignalKind::terminate())?,
                interrupt: signal(SignalKind::interrupt())?,
            })
        }

        pub(super) async fn next(&mut self) -> &'static str {
            tokio::select! {
                _ = self.terminate.recv() => "SIGTERM",
                _ = self.interrupt.recv() => "SIGINT",
            }
        }
    }
}

#[cfg(not(unix))]
mod listener {
    pub(super) struct Listener;

    impl Listener {
        pub(super) fn new() -> std::io::Result<Self> {
            Ok(Self)
        }

        pub(super) async fn next(&mut self) -> &'static str {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            "Ctrl-C"
        }
    }
}
