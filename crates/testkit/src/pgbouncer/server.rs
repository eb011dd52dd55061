//! One PgBouncer in a temporary directory, in plain std.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use tempfile::TempDir;

use crate::account::Account;
use crate::find;
use crate::postgres::PostgresParts;
use crate::server::{on_free_port, on_same_port};
use crate::supervisor::{Job, Supervisor};
use crate::tls::{CERTIFICATE, Identity, KEY};

const READY: &str = "process up: PgBouncer";
const USERS: &str = "users.txt";

/// How a pooler pools.
#[derive(Debug)]
pub struct Pooling {
    /// So many connections to the server do all clients of a database share.
    pub connections: u32,
    /// With one, clients must use TLS.
    pub identity: Option<Identity>,
    /// Lines of its settings beside ours.
    pub settings: &'static str,
}

impl Default for Pooling {
    /// Few connections, so that clients get in each other's way and no transaction can count on the
    /// session of the one before it; no TLS.
    fn default() -> Self {
        Self { connections: 2, identity: None, settings: "" }
    }
}

/// A running pooler. It ends, and its directory goes, when this is dropped or its process dies.
#[derive(Debug)]
pub struct PgBouncer {
    // Dropped in this order: the program must not write into a directory that is being removed.
    process: Option<Supervisor>,
    home: Home,
    parts: PostgresParts,
}

/// What stays when the pooler is killed.
#[derive(Debug)]
struct Home {
    program: PathBuf,
    account: Account,
    directory: TempDir,
    server: PostgresParts,
    pooling: Pooling,
}

impl PgBouncer {
    /// Starts a pooler in transaction mode on a free port of 127.0.0.1. Clients log in with the user and
    /// the password of `server`, which may also command the pooler. What `pooling` does not name is as
    /// PgBouncer has it by default.
    ///
    /// # Errors
    ///
    /// When PgBouncer is not installed (the error says what to install) or does not start (the error has
    /// the end of its log).
    pub fn start(server: &PostgresParts, pooling: Pooling) -> anyhow::Result<Self> {
        let program = find::pgbouncer_or_help()?;
        // It refuses to run as root, as PostgreSQL does.
        let account = Account::for_postgres()?;
        let directory = account.directory("testkit-pgbouncer-")?;
        let home = Home { program, account, directory, server: server.clone(), pooling };
        home.write(USERS, &home.users())?;
        if let Some(identity) = &home.pooling.identity {
            identity.write(home.directory.path(), &home.account)?;
        }
        let job = |port| {
            home.write(&settings_file(port), &home.settings(port))?;
            Ok(home.job(port))
        };
        let (port, process) = on_free_port(job, READY)?;
        let parts = PostgresParts { host: "127.0.0.1".to_owned(), port, ..server.clone() };
        Ok(Self { process: Some(process), home, parts })
    }

    /// Where it is, with user, password and database of the server behind it; stays the same when it is
    /// killed and started again.
    pub fn parts(&self) -> &PostgresParts {
        &self.parts
    }

    /// Kills it (`SIGKILL`); returns when it is gone.
    ///
    /// # Errors
    ///
    /// When it is not running.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.process.take().context("this PgBouncer is killed already")?.stop()?;
        Ok(())
    }

    /// Starts it again on the same port.
    ///
    /// # Errors
    ///
    /// When it is running, or does not start.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        ensure!(self.process.is_none(), "this PgBouncer is running already");
        self.process = Some(on_same_port(&self.home.job(self.parts.port), READY)?);
        Ok(())
    }
}

impl Home {
    fn job(&self, port: u16) -> Job<'_> {
        Job {
            command: vec![self.program.display().to_string(), settings_file(port)],
            directory: self.directory.path(),
            end_signal: "KILL",
            account: &self.account,
        }
    }

    fn settings(&self, port: u16) -> String {
        let PostgresParts { host, port: behind, user, .. } = &self.server;
        let Pooling { connections, identity, settings } = &self.pooling;
        let tls = match identity {
            Some(_) => format!(
                "client_tls_sslmode = require\n\
                 client_tls_cert_file = {CERTIFICATE}\n\
                 client_tls_key_file = {KEY}\n"
            ),
            None => String::new(),
        };
        format!(
            "[databases]\n\
             * = host={host} port={behind}\n\
             [pgbouncer]\n\
             listen_addr = 127.0.0.1\n\
             listen_port = {port}\n\
             unix_socket_dir =\n\
             auth_type = scram-sha-256\n\
             auth_file = {USERS}\n\
             admin_users = {user}\n\
             pool_mode = transaction\n\
             default_pool_size = {connections}\n\
             {tls}{settings}\n"
        )
    }

    /// In the clear, because it logs in with them at the server as well.
    fn users(&self) -> String {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        format!("{} {}\n", quoted(&self.server.user), quoted(&self.server.password))
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let path: &Path = &self.directory.path().join(name);
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        self.account.own(path)
    }
}

fn settings_file(port: u16) -> String {
    format!("pgbouncer-{port}.ini")
}
