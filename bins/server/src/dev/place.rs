//! Where `dev` keeps its files.

use anyhow::{Context, anyhow};
use dispatcher_settings::sqlite_url;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory: one that the user named, or one that ends with the process.
pub(super) struct Place {
    directory: PathBuf,
    temporary: Option<TempDir>,
}

impl Place {
    pub(super) fn make(data_dir: Option<&Path>) -> anyhow::Result<Self> {
        let Some(named) = data_dir else {
            let temporary = tempfile::Builder::new()
                .prefix("message-dispatcher-")
                .tempdir()
                .context("no temporary directory can be made; name one with --data-dir")?;
            return Ok(Self { directory: temporary.path().to_owned(), temporary: Some(temporary) });
        };
        std::fs::create_dir_all(named).with_context(|| {
            let named = named.display();
            format!("--data-dir {named} cannot be made: name a directory of this user")
        })?;
        let directory = std::path::absolute(named)
            .with_context(|| format!("--data-dir {} cannot be used", named.display()))?;
        Ok(Self { directory, temporary: None })
    }

    /// The message store.
    pub(super) fn database(&self) -> PathBuf {
        self.directory.join("messages.db")
    }

    /// The same as a word of a command line: within quotes where a shell would
    /// take it for several, or for more than a name.
    pub(super) fn database_as_typed(&self) -> String {
        let path = self.database().display().to_string();
        let plain = |sign: char| sign.is_alphanumeric() || "/\\:.,_-+@".contains(sign);
        match path.chars().all(plain) {
            true => path,
            false if cfg!(windows) => format!("\"{path}\""),
            false => format!("'{}'", path.replace('\'', r"'\''")),
        }
    }

    /// What the mock provider accepted.
    pub(super) fn ledger(&self) -> PathBuf {
        self.directory.join("ledger.jsonl")
    }

    pub(super) fn database_url(&self) -> anyhow::Result<String> {
        let path = self.database();
        sqlite_url(&path).ok_or_else(|| {
            anyhow!("--data-dir {}: the path must be UTF-8", self.directory.display())
        })
    }

    /// Why the files may not be ours: who kept them first keeps them.
    pub(super) fn refused(&self) -> String {
        format!(
            "the mock provider cannot keep its books in {}; \
             if another one runs there, stop it or name another --data-dir",
            self.directory.display()
        )
    }

    /// What becomes of the files when the process ends.
    pub(super) fn fate(&self) -> &'static str {
        match self.temporary {
            Some(_) => "The file goes when this process ends; --data-dir DIR keeps it.",
            None => "The file stays: the same --data-dir goes on where this ends.",
        }
    }
}
