//! A standby's beginning: a copy of its primary, made while that runs.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, ensure};

use super::PostgresParts;
use super::server::Home;

/// What a standby calls itself, and what its primary keeps for it.
pub(super) const STANDBY: &str = "standby";

impl Home {
    /// Fills the data directory, which must not exist, with a copy of the server at `primary` that follows it.
    pub(super) fn copy(&self, primary: &PostgresParts) -> anyhow::Result<()> {
        let PostgresParts { host, port, user, password, .. } = primary;
        let primary = format!(
            "host={host} port={port} user={user} password={password} application_name={STANDBY}"
        );
        let words = ["--wal-method=stream", "--checkpoint=fast", "--no-sync", "--no-manifest"];
        let mut command = vec![
            self.beside_the_server("pg_basebackup")?,
            format!("--dbname={primary}"),
            format!("--pgdata={}", self.data()),
            "--write-recovery-conf".to_owned(),
            // The primary keeps what the standby has not received yet, however long that is away.
            "--create-slot".to_owned(),
            format!("--slot={STANDBY}"),
        ];
        command.extend(words.map(str::to_owned));
        self.run("pg_basebackup", command)?;
        self.wait_for_nobody()
    }

    /// Where the server was found may be a link to it, and not one to everything that came with it.
    fn beside_the_server(&self, name: &str) -> anyhow::Result<String> {
        let server = Path::new(&self.program("postgres")).canonicalize();
        let program = server.context("no PostgreSQL")?.with_file_name(name);
        ensure!(program.is_file(), "PostgreSQL came without {}: install it", program.display());
        Ok(program.display().to_string())
    }

    /// The primary's settings were copied with its data: once promoted, this server would wait with each COMMIT
    /// for a standby of its own, which it does not have yet.
    fn wait_for_nobody(&self) -> anyhow::Result<()> {
        let path = Path::new(&self.data()).join("postgresql.auto.conf");
        let file = OpenOptions::new().append(true).open(&path);
        let written = file.and_then(|mut file| writeln!(file, "synchronous_standby_names = ''"));
        written.with_context(|| format!("cannot write to {}", path.display()))
    }
}
