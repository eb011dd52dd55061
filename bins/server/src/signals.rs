//! Being asked to stop: by SIGTERM, by Ctrl-C, by a terminal that is closed, and by impatience.

#[cfg(unix)]
mod hangup;

use dispatcher_wiring::exit;
use tokio::sync::mpsc;

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
            let name = listener.impatience().await;
            tracing::warn!(signal = name, "second signal: ending at once");
            std::process::exit(exit::IMPATIENT.into());
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
    use std::future::pending;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    pub(super) struct Listener {
        terminate: Signal,
        interrupt: Signal,
        hangup: Option<Signal>,
    }

    impl Listener {
        pub(super) fn new() -> std::io::Result<Self> {
            let heard = super::hangup::is_meant().then(|| signal(SignalKind::hangup()));
            Ok(Self {
                terminate: signal(SignalKind::terminate())?,
                interrupt: signal(SignalKind::interrupt())?,
                hangup: heard.transpose()?,
            })
        }

        pub(super) async fn next(&mut self) -> &'static str {
            let hangup = async {
                match &mut self.hangup {
                    Some(hangup) => hangup.recv().await,
                    None => pending().await,
                }
            };
            tokio::select! {
                _ = self.terminate.recv() => "SIGTERM",
                _ = self.interrupt.recv() => "SIGINT",
                _ = hangup => "SIGHUP",
            }
        }

        /// Not SIGHUP: a terminal that is closed says so more than once, by itself and by its shell.
        pub(super) async fn impatience(&mut self) -> &'static str {
            tokio::select! {
                _ = self.terminate.recv() => "SIGTERM",
                _ = self.interrupt.recv() => "SIGINT",
            }
        }
    }
}

/// The console asks in four ways, and ends the process a few seconds after the
/// last two whether it has finished or not.
#[cfg(windows)]
mod listener {
    use tokio::signal::windows::{
        CtrlBreak, CtrlC, CtrlClose, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown,
    };

    pub(super) struct Listener {
        c: CtrlC,
        break_key: CtrlBreak,
        close: CtrlClose,
        shutdown: CtrlShutdown,
    }

    impl Listener {
        pub(super) fn new() -> std::io::Result<Self> {
            Ok(Self {
                c: ctrl_c()?,
                break_key: ctrl_break()?,
                close: ctrl_close()?,
                shutdown: ctrl_shutdown()?,
            })
        }

        pub(super) async fn next(&mut self) -> &'static str {
            tokio::select! {
                _ = self.c.recv() => "Ctrl-C",
                _ = self.break_key.recv() => "Ctrl-Break",
                _ = self.close.recv() => "the console was closed",
                _ = self.shutdown.recv() => "the system shuts down",
            }
        }

        pub(super) async fn impatience(&mut self) -> &'static str {
            self.next().await
        }
    }
}
